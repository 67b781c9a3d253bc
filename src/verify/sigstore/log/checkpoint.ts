// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import { parseBase64 } from '../../base64.ts';
import { invalidEntry } from './refusal.ts';

/** One signature below a checkpoint: whose it says it is, and of which key. */
type CheckpointSignature = {
  readonly name: string;
  /** The first four bytes of the key's id, as hex. */
  readonly hint: string;
  readonly signature: Uint8Array;
};

/** A signed checkpoint, read. Nothing of it is believed yet. */
export type Checkpoint = {
  readonly origin: string;
  /** Decimal digits. */
  readonly size: string;
  readonly rootHash: Uint8Array;
  /** What is signed. */
  readonly text: Uint8Array;
  readonly signatures: readonly CheckpointSignature[];
};

const BREAK = '\n\n';
const SIGNATURE_START = '— ';
const HINT_BYTES = 4;

/**
 * The checkpoint in the text (C2SP tlog-checkpoint in a C2SP signed-note): origin, size, root hash and what else the
 * log says, an empty line, then signatures, one a line.
 *
 * Attacker input: one pass over bounded text, cut at line ends; nothing in it becomes a pattern.
 *
 * @throws VerificationError LOG_ENTRY_INVALID, LIMIT_EXCEEDED
 */
export function parseCheckpoint(checkpoint: string): Checkpoint {
  if (checkpoint.length > LIMITS.checkpointBytes) {
    throw tooLarge(`${checkpoint.length} characters; at most ${LIMITS.checkpointBytes} are read`);
  }
  const end = checkpoint.indexOf(BREAK);
  // A second empty line would leave it to the reader where the signatures begin.
  if (end === -1 || checkpoint.includes(BREAK, end + 1)) {
    throw invalidEntry('its checkpoint has not one empty line before the signatures');
  }
  const [origin = '', size = '', root = ''] = checkpoint.slice(0, end).split('\n', 3);
  const rootHash = parseBase64(root);
  if (origin === '' || !SIZE.test(size) || rootHash === undefined) {
    throw invalidEntry('its checkpoint does not begin with origin, size and root hash');
  }
  const text = Buffer.from(checkpoint.slice(0, end + 1));
  return { origin, size, rootHash, text, signatures: parseSignatures(checkpoint.slice(end + BREAK.length)) };
}

const SIZE = /^(?:0|[1-9][0-9]{0,19})$/;

function parseSignatures(block: string): readonly CheckpointSignature[] {
  const lines = block.split('\n');
  if (lines.pop() !== '') throw invalidEntry('its checkpoint is cut off in a line');
  if (lines.length > LIMITS.checkpointSignatures) {
    throw tooLarge(`${lines.length} signatures; at most ${LIMITS.checkpointSignatures} are read`);
  }
  return lines.map(parseSignatureLine);
}

function parseSignatureLine(line: string): CheckpointSignature {
  const [name = '', base64 = '', ...rest] = line.slice(SIGNATURE_START.length).split(' ');
  const bytes = parseBase64(base64);
  const isWhole = line.startsWith(SIGNATURE_START) && name !== '' && rest.length === 0;
  if (!isWhole || bytes === undefined || bytes.length <= HINT_BYTES) {
    throw invalidEntry('its checkpoint has a line among the signatures that is none');
  }
  const hint = Buffer.from(bytes.subarray(0, HINT_BYTES)).toString('hex');
  return { name, hint, signature: bytes.subarray(HINT_BYTES) };
}

function tooLarge(found: string): VerificationError {
  return new VerificationError('LIMIT_EXCEEDED', `a checkpoint has ${found}`);
}
