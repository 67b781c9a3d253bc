// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import type { Descriptor } from '../registry/index.ts';
import { type Candidate, LAYER_ANNOTATIONS, type Storage } from '../verify/index.ts';
import { readBlob, type Source } from './source.ts';
import { unreadable } from './unreadable.ts';

/** Media type of a layer that is one cosign signature (cosign signature specification, "Tag-based discovery"). */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';

/**
 * The layers of a signature manifest, or of one of attestations, as candidates. Every layer is attacker input, whatever its media type
 * (cosign does not look at it): one that cannot be read becomes an `unreadable` candidate and spoils no other.
 * Layers that share a blob cost one request.
 *
 * @param kind what each layer is: a payload whose signature is beside it, or a DSSE envelope
 * @param name what the candidates are called: `name#index`
 */
export async function readLayers(
  layers: readonly Descriptor[],
  kind: 'simple-signing' | 'envelope',
  storage: Storage,
  name: string,
  source: Source,
): Promise<Candidate[]> {
  source.budget.takeCandidates(layers.length);
  const payloads = new Map<string, Promise<Uint8Array>>();
  const payloadOf = (layer: Descriptor) => {
    const known = payloads.get(layer.digest);
    if (known !== undefined) return known;
    const payload = readBlob(layer, kind === 'envelope' ? LIMITS.envelopeBytes : LIMITS.payloadBytes, source);
    payloads.set(layer.digest, payload);
    return payload;
  };
  return Promise.all(
    layers.map(async (layer, index): Promise<Candidate> => {
      const id = `${name}#${index}`;
      try {
        const payload = await payloadOf(layer);
        return { kind, id, storage, payload, annotations: annotationsOf(layer) };
      } catch (error) {
        return unreadable(id, storage, error);
      }
    }),
  );
}

/** Of the annotations what verification looks at: the others may be many, and would be remembered for nothing. */
function annotationsOf({ annotations = {} }: Descriptor): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => LAYER_ANNOTATIONS.includes(name)));
}
