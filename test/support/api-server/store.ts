// SPDX-License-Identifier: Apache-2.0

/** An object in the store, as JSON has it. */
export type Stored = {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

export type StoreEvent = {
  readonly version: number;
  readonly collection: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
};

/** An answer that is a Kubernetes Status. */
export class Status extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
    this.reason = reason;
  }
}

/** Objects by collection and name, with one version counter for all, as etcd has it. */
export class Store {
  version = 1;
  /** Versions before this one are forgotten. */
  oldest = 0;
  readonly events: StoreEvent[] = [];
  readonly listeners = new Set<(event: StoreEvent) => void>();
  readonly #objects = new Map<string, Stored>();

  list(collection: string): Stored[] {
    const found = [...this.#objects].filter(([path]) => path.slice(0, path.lastIndexOf('/')) === collection);
    return found.map(([, object]) => object);
  }

  get(collection: string, name: string): Stored | undefined {
    return this.#objects.get(`${collection}/${name}`);
  }

  /** Writes; with `expected`, only over that version. */
  put(collection: string, object: { metadata?: object }, expected?: unknown): Stored {
    const { name, ...metadata } = Object(object.metadata);
    const before = this.get(collection, name);
    if (expected !== undefined && before?.metadata.resourceVersion !== expected)
      throw new Status(409, 'Conflict');
    const type = before === undefined ? 'ADDED' : 'MODIFIED';
    this.version += 1;
    const uid = before?.metadata['uid'] ?? `uid-${this.version}`;
    const stored = {
      ...object,
      metadata: { ...metadata, uid, name, resourceVersion: String(this.version) },
    };
    this.#objects.set(`${collection}/${name}`, stored);
    this.#tell({ version: this.version, collection, type, object: stored });
    return stored;
  }

  delete(collection: string, name: string): Stored {
    const before = this.get(collection, name);
    if (before === undefined) throw new Status(404, 'NotFound');
    this.version += 1;
    this.#objects.delete(`${collection}/${name}`);
    const object = {
      ...before,
      metadata: { ...before.metadata, resourceVersion: String(this.version) },
    };
    this.#tell({ version: this.version, collection, type: 'DELETED', object });
    return object;
  }

  #tell(event: StoreEvent): void {
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }
}
