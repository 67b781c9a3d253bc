// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { freePort, isListening } from '../support/programs.ts';
import { startCertificateLog } from './certificate-log.ts';
import { type IdentityProvider, startIdentityProvider, type TokenRequest } from './identity-provider.ts';
import { cosign, type RealServer, startRealServer } from './tools.ts';

/** The programs that {@link startSigstoreServices} needs. */
export const SIGSTORE_PROGRAMS = ['cosign', 'fulcio', 'rekor-server', 'timestamp-server'] as const;

/** A whole Sigstore of real servers on loopback, with only the log of certificates and the identities made here. */
export type SigstoreServices = Pick<IdentityProvider, 'issuer' | 'token'> & {
  /** Where cosign runs: holds `trusted-root.json` and `signing-config.json`; it stays when the services stop. */
  readonly folder: string;
  /** Has cosign sign with these services, as somebody, or with the key of the arguments. */
  cosign(
    command: 'sign' | 'attest' | 'sign-blob',
    args: readonly string[],
    who?: TokenRequest,
  ): Promise<void>;
  /** Nothing of it answers from then on. */
  stop(): Promise<void>;
  /** Removes the folder too. */
  close(): Promise<void>;
};

type Stoppable = { stop(): Promise<void> };

const SERVICES = ['--signing-config', 'signing-config.json', '--trusted-root', 'trusted-root.json'];
/** Long before all that is signed. */
const START = 'start-time=2024-01-01T00:00:00Z';

/** Starts Fulcio, Rekor 2, a timestamp authority, a certificate log and two identity providers. */
export async function startSigstoreServices(): Promise<SigstoreServices> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-sigstore-'));
  const started: Stoppable[] = [];
  const keep = <T extends Stoppable>(one: T): T => {
    started.push(one);
    return one;
  };
  const stop = async () => {
    await Promise.all(started.splice(0).map((one) => one.stop()));
  };
  const close = async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [issuers, certificateLog] = [
      keep(await startIdentityProvider()),
      keep(await startCertificateLog()),
    ];
    writeFileSync(join(folder, 'ct.pub'), certificateLog.publicKeyPem);
    const [authority, fulcio, rekor] = [
      keep(await startTimestampAuthority()),
      keep(await startFulcio(folder, issuers, certificateLog.url)),
      keep(await startRekor(folder)),
    ];
    const url = { timestamps: `http://${authority.host}/api/v1/timestamp`, log: certificateLog.url };
    await save(join(folder, 'tsa.pem'), `${url.timestamps}/certchain`);
    await save(join(folder, 'fulcio.pem'), `http://${fulcio.host}/api/v1/rootCert`);
    await describeServices(folder, {
      fulcio: `http://${fulcio.host}`,
      rekor: `http://${rekor.host}`,
      issuer: issuers.issuer('mail'),
      ...url,
    });
    const { issuer, token } = issuers;
    return {
      folder,
      issuer,
      token,
      stop,
      close,
      async cosign(command, args, who) {
        const identity = who ? ['--identity-token', token(who)] : [];
        await cosign(folder, [command, '-y', ...identity, ...SERVICES, ...args]);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Its metrics have a port of their own that nobody can choose: one at a time. */
async function startTimestampAuthority(): Promise<RealServer> {
  await eventually('port 2112 is free', async () => !(await isListening(2112)), 60_000, 200);
  return startRealServer((address) => {
    const [host = '', port = ''] = address.split(':');
    return [
      ...(['timestamp-server', 'serve', '--host', host, '--port', port] as const),
      ...['--timestamp-signer', 'memory', '--disable-ntp-monitoring'],
    ];
  });
}

/** The issuers must answer before it starts. */
async function startFulcio(folder: string, issuers: IdentityProvider, log: string): Promise<RealServer> {
  const config = join(folder, 'fulcio.json');
  const entry = (name: 'mail' | 'workflow', type: string) => {
    const url = issuers.issuer(name);
    return [url, { IssuerURL: url, ClientID: 'sigstore', Type: type }];
  };
  const known = Object.fromEntries([entry('mail', 'email'), entry('workflow', 'github-workflow')]);
  writeFileSync(config, JSON.stringify({ OIDCIssuers: known }));
  const [grpc, metrics] = [await freePort(), await freePort()];
  return startRealServer((address) => {
    const [host = '', port = ''] = address.split(':');
    return [
      ...(['fulcio', 'serve', '--ca', 'ephemeralca', '--config-path', config] as const),
      ...['--ct-log-url', log, '--ct-log-public-key-path', join(folder, 'ct.pub')],
      ...['--host', host, '--port', port, '--grpc-host', host, '--grpc-port', `${grpc}`],
      ...['--metrics-port', `${metrics}`, '--legacy-unix-domain-socket', join(folder, 'fulcio.sock')],
    ];
  });
}

/** Its host name must be that of the URL in the trust root: checkpoints begin with it. */
async function startRekor(folder: string): Promise<RealServer> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = join(folder, 'rekor.key');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'rekor.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  mkdirSync(join(folder, 'log'));
  const [grpc, metrics] = [await freePort(), await freePort()];
  return startRealServer((address) => {
    const [host = '', port = ''] = address.split(':');
    return [
      ...(['rekor-server', 'serve', '--hostname', host, '--signer-filepath', key] as const),
      ...['--storage-dir', join(folder, 'log'), '--http-port', port, '--grpc-port', `${grpc}`],
      ...['--http-metrics-port', `${metrics}`, '--batch-max-age', '50ms', '--checkpoint-interval', '200ms'],
    ];
  });
}

type ServiceUrls = Readonly<Record<'fulcio' | 'rekor' | 'timestamps' | 'log' | 'issuer', string>>;

/** What cosign is told to sign with, and what everybody is told to verify with. */
async function describeServices(folder: string, urls: ServiceUrls): Promise<void> {
  const used = (url: string, version = 1) => `url=${url},api-version=${version},${START},operator=test`;
  await cosign(folder, [
    ...['signing-config', 'create', '--out', 'signing-config.json', `--fulcio=${used(urls.fulcio)}`],
    ...[`--rekor=${used(urls.rekor, 2)}`, '--rekor-config=ANY'],
    ...[`--tsa=${used(urls.timestamps)}`, '--tsa-config=ANY', `--oidc-provider=${used(urls.issuer)}`],
  ]);
  await cosign(folder, [
    ...['trusted-root', 'create', '--out', 'trusted-root.json'],
    `--fulcio=url=${urls.fulcio},certificate-chain=fulcio.pem,${START}`,
    `--rekor=url=${urls.rekor},public-key=rekor.pub,${START},origin=127.0.0.1`,
    `--tsa=url=${urls.timestamps},certificate-chain=tsa.pem,${START}`,
    `--ctfe=url=${urls.log},public-key=ct.pub,${START}`,
  ]);
}

/** A server that takes connections may still answer 503 for a moment. */
async function save(file: string, url: string): Promise<void> {
  await eventually(url, async () => {
    const response = await fetch(url);
    if (response.ok) writeFileSync(file, await response.text());
    return response.ok;
  });
}
