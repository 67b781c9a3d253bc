// SPDX-License-Identifier: Apache-2.0
import { encodePem } from '../../certificate/der.ts';
import { keyDetails } from './entry-body.ts';
import type { TestLog } from './transparency-log.ts';
import type { World } from './world.ts';
import { spkiOf } from './x509.ts';

/** Milliseconds since the epoch; what is left out is not written. */
export type TestWindow = { readonly start?: number; readonly end?: number };

export type TrustedRootOptions = {
  /** From when until when each part is trusted. Default: from when it was set up, without an end. */
  readonly windows?: {
    readonly authority?: TestWindow;
    readonly certificateLogs?: TestWindow;
    readonly logs?: TestWindow;
    readonly timestampAuthority?: TestWindow;
  };
  /** Which logs are in it. Default: both. */
  readonly logs?: readonly ('v1' | 'v2')[];
  /** Whether the chain of the timestamp authority begins with the certificate that signs. Default true. */
  readonly timestampLeaf?: boolean;
  /** Default: `application/vnd.dev.sigstore.trustedroot+json;version=0.1`. */
  readonly mediaType?: string;
  /** Changes the document in place. */
  readonly edit?: (root: TrustedRootJson) => void;
};

/** A trusted_root.json (sigstore_trustroot.proto). */
export type TrustedRootJson = {
  mediaType: string;
  tlogs: Record<string, unknown>[];
  certificateAuthorities: Record<string, unknown>[];
  ctlogs: Record<string, unknown>[];
  timestampAuthorities: Record<string, unknown>[];
};

/** What is trusted as PEM texts: chains lowest first, root last; of the first timestamp authority. */
export type TestPems = {
  readonly certificateChain: string;
  readonly rekorKeys: readonly string[];
  readonly ctKeys: readonly string[];
  readonly timestampChain: string;
};

/** The trusted_root.json of a world. */
export function makeTrustedRoot(world: World, options: TrustedRootOptions = {}): Buffer {
  const { windows = {}, logs = ['v1', 'v2'], timestampLeaf = true } = options;
  const { authority, certificateLogs, timestampAuthorities, since } = world;
  const log = (one: Pick<TestLog, 'key' | 'id' | 'baseUrl'>, window: TestWindow | undefined) => ({
    baseUrl: one.baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spkiOf(one.key.publicKey).toString('base64'),
      keyDetails: keyDetails(one.key),
      validFor: encodeWindow(window ?? { start: since }),
    },
    logId: { keyId: one.id.toString('base64') },
  });
  const chain = (uri: string, certificates: readonly Buffer[], window: TestWindow | undefined) => ({
    subject: { organization: world.name, commonName: world.name },
    uri,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor: encodeWindow(window ?? { start: since }),
  });
  const root: TrustedRootJson = {
    mediaType: options.mediaType ?? 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: logs.map((version) => log(world.logs[version], windows.logs)),
    certificateAuthorities: [chain(`https://fulcio.${world.name}`, authority.chain, windows.authority)],
    ctlogs: certificateLogs.map((one) => log(one, windows.certificateLogs)),
    timestampAuthorities: timestampAuthorities.map((one) =>
      chain(one.uri, one.chain.slice(timestampLeaf ? 0 : 1), windows.timestampAuthority),
    ),
  };
  options.edit?.(root);
  return Buffer.from(JSON.stringify(root, null, 2));
}

/** The same as PEM texts. */
export function makePems(world: World): TestPems {
  return {
    certificateChain: encodeChain(world.authority.chain),
    rekorKeys: [world.logs.v1.key.publicKeyPem, world.logs.v2.key.publicKeyPem],
    ctKeys: world.certificateLogs.map(({ key }) => key.publicKeyPem),
    timestampChain: encodeChain(world.timestampAuthorities[0]?.chain ?? []),
  };
}

/** Certificates one after another, PEM. */
export function encodeChain(chain: readonly Buffer[]): string {
  return chain.map((der) => encodePem('CERTIFICATE', der)).join('');
}

function encodeWindow({ start, end }: TestWindow): Record<string, string> {
  const text = (time: number) => new Date(time).toISOString();
  return { ...(start !== undefined && { start: text(start) }), ...(end !== undefined && { end: text(end) }) };
}
