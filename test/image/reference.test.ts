// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPinnedImage, pinImage } from '../../src/image/pinned-image.ts';
import {
  formatImageReference,
  formatRepository,
  type ImageReference,
  parseImageReference,
} from '../../src/image/reference.ts';

const HEX = 'a'.repeat(64);
const D = `sha256:${HEX}` as const;
const D512 = `sha512:${'b'.repeat(128)}` as const;

/** Written, registry, repository, tag, digest. */
const ACCEPTED: readonly (readonly [string, string, string, (string | undefined)?, string?])[] = [
  // Docker Hub
  ['nginx', 'docker.io', 'library/nginx', 'latest'],
  ['nginx:1.27', 'docker.io', 'library/nginx', '1.27'],
  ['nginx:latest', 'docker.io', 'library/nginx', 'latest'],
  ['library/nginx', 'docker.io', 'library/nginx', 'latest'],
  ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest'],
  ['docker.io/library/nginx', 'docker.io', 'library/nginx', 'latest'],
  ['index.docker.io/nginx', 'docker.io', 'library/nginx', 'latest'],
  ['index.docker.io/acme/web', 'docker.io', 'acme/web', 'latest'],
  ['acme/web', 'docker.io', 'acme/web', 'latest'],
  ['acme/team/web', 'docker.io', 'acme/team/web', 'latest'],
  [`nginx@${D}`, 'docker.io', 'library/nginx', undefined, D],
  [`nginx:1@${D}`, 'docker.io', 'library/nginx', '1', D],
  [`nginx@${D512}`, 'docker.io', 'library/nginx', undefined, D512],
  // other names of Docker's machines are other registries
  ['registry-1.docker.io/library/nginx', 'registry-1.docker.io', 'library/nginx', 'latest'],
  ['registry.hub.docker.com/nginx', 'registry.hub.docker.com', 'nginx', 'latest'],
  // what looks like a host and is a repository
  ['reg', 'docker.io', 'library/reg', 'latest'],
  ['reg/x', 'docker.io', 'reg/x', 'latest'],
  ['localhost', 'docker.io', 'library/localhost', 'latest'],
  ['localhost:5000', 'docker.io', 'library/localhost', '5000'],
  ['reg.io', 'docker.io', 'library/reg.io', 'latest'],
  ['reg.io:5000', 'docker.io', 'library/reg.io', '5000'],
  ['my_host/x', 'docker.io', 'my_host/x', 'latest'],
  ['acme/reg.io/x', 'docker.io', 'acme/reg.io/x', 'latest'],
  // registries
  ['ghcr.io/acme/web', 'ghcr.io', 'acme/web', 'latest'],
  ['ghcr.io/web', 'ghcr.io', 'web', 'latest'],
  ['localhost/x', 'localhost', 'x', 'latest'],
  ['LOCALHOST/x', 'localhost', 'x', 'latest'],
  ['localhost:5000/x', 'localhost:5000', 'x', 'latest'],
  ['localhost:443/x', 'localhost:443', 'x', 'latest'],
  ['reg:5000/x', 'reg:5000', 'x', 'latest'],
  ['reg:443/x', 'reg:443', 'x', 'latest'],
  ['reg.io:5000/a/b:1', 'reg.io:5000', 'a/b', '1'],
  [`reg.io:5000/a/b:1@${D}`, 'reg.io:5000', 'a/b', '1', D],
  ['GHCR.io/acme/web', 'ghcr.io', 'acme/web', 'latest'],
  ['reg.io:443/x', 'reg.io', 'x', 'latest'],
  ['reg.io:80/x', 'reg.io:80', 'x', 'latest'],
  ['reg.io:65535/x', 'reg.io:65535', 'x', 'latest'],
  ['xn--bcher-kva.example/x', 'xn--bcher-kva.example', 'x', 'latest'],
  ['10.0.0.5/x', '10.0.0.5', 'x', 'latest'],
  ['10.0.0.5:443/x', '10.0.0.5', 'x', 'latest'],
  ['127.0.0.1:5000/x', '127.0.0.1:5000', 'x', 'latest'],
  ['127.0.0.1:443/x', '127.0.0.1:443', 'x', 'latest'],
  ['[::1]/x', '[::1]', 'x', 'latest'],
  ['[::1]:5000/x', '[::1]:5000', 'x', 'latest'],
  ['[::1]:443/x', '[::1]:443', 'x', 'latest'],
  ['[2001:DB8:0:0:0:0:0:1]:5000/a/b:1', '[2001:db8::1]:5000', 'a/b', '1'],
  ['[2001:db8::1]:443/x', '[2001:db8::1]', 'x', 'latest'],
  ['0a.example/x', '0a.example', 'x', 'latest'],
  // path components and tags
  ['reg.io/a.b_c__d-e---f/0', 'reg.io', 'a.b_c__d-e---f/0', 'latest'],
  ['reg.io/x:A_b.c-D', 'reg.io', 'x', 'A_b.c-D'],
  ['reg.io/x:_', 'reg.io', 'x', '_'],
  [`reg.io/x:${'t'.repeat(128)}`, 'reg.io', 'x', 't'.repeat(128)],
  [`reg.io/${'a'.repeat(255)}`, 'reg.io', 'a'.repeat(255), 'latest'],
  [`library/${HEX}`, 'docker.io', `library/${HEX}`, 'latest'],
  [`${HEX}:1`, 'docker.io', `library/${HEX}`, '1'],
  [`reg.io/sha256:${HEX}`, 'reg.io', 'sha256', HEX],
  ['sha256sum:1', 'docker.io', 'library/sha256sum', '1'],
  [`reg.io/x:sha256-${HEX}.sig`, 'reg.io', 'x', `sha256-${HEX}.sig`],
];

for (const [text, registry, repository, tag, digest] of ACCEPTED) {
  test(`accepted: ${text}`, () => {
    const expected = { registry, repository, ...(tag && { tag }), ...(digest && { digest }) };
    assert.deepEqual(parseImageReference(text), expected);
  });

  test(`canonical text parses to itself: ${text}`, () => {
    const reference = parseImageReference(text);
    assert.deepEqual(parseImageReference(formatImageReference(reference)), reference);
  });
}

/** Each with a word of the message. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['', /empty/],
  [' ', /spaces/],
  ['nginx ', /spaces/],
  [' nginx', /spaces/],
  ['nginx\n', /spaces/],
  ['ngi\u0000nx', /control/],
  ['reg.io/caf\u00e9', /non-ASCII/],
  ['reg.io\u2024evil/x', /non-ASCII/],
  ['\u0440eg.io/x', /non-ASCII/],
  ['reg.io/x\u200b', /non-ASCII/],
  ['http://reg.io/x', /scheme/],
  ['https://reg.io/x', /scheme/],
  ['docker://nginx', /scheme/],
  ['oci://reg.io/x', /scheme/],
  ['a'.repeat(1025), /longer/],
  // IDs of images on the node
  [HEX, /ID of an image/],
  ['sha256', /ID of an image/],
  [`sha256:${HEX}`, /ID of an image/],
  ['sha256:abc', /ID of an image/],
  [`sha512:${'b'.repeat(128)}`, /ID of an image/],
  // names
  ['Nginx', /lower case/],
  ['acme/Web', /lower case/],
  ['Acme/web', /lower case/],
  ['reg.io/Acme/web', /lower case/],
  ['reg.io/', /no repository/],
  ['/x', /host name/],
  ['/', /host name/],
  ['//x', /host name/],
  ['reg.io//x', /empty component/],
  ['reg.io/x/', /empty component/],
  ['reg.io/x//y', /empty component/],
  ['reg.io/../x', /component/],
  ['reg.io/./x', /component/],
  ['acme/..', /component/],
  ['reg.io/-x', /component/],
  ['reg.io/x-', /component/],
  ['reg.io/x_', /component/],
  ['reg.io/x___y', /component/],
  ['reg.io/x..y', /component/],
  ['reg.io/x._y', /component/],
  ['reg.io/x?y', /component/],
  ['reg.io/x#y', /component/],
  ['reg.io/x%2fy', /component/],
  ['reg.io/x\\y', /component/],
  ['reg.io/*', /component/],
  [`reg.io/${'a'.repeat(256)}`, /at most 255/],
  ['a'.repeat(248), /at most 255/],
  // tags
  ['nginx:', /tag/],
  ['reg.io/x:', /tag/],
  ['reg.io/x:a:b', /tag/],
  ['reg.io/x:-a', /tag/],
  ['reg.io/x:.a', /tag/],
  ['reg.io/x:a/b', /tag/],
  ['reg.io/x:a+b', /tag/],
  [`reg.io/x:${'t'.repeat(129)}`, /tag/],
  [`reg.io/x:@${D}`, /tag/],
  [`@${D}`, /no repository/],
  // hosts
  ['-reg.io/x', /host name/],
  ['reg-.io/x', /host name/],
  ['reg..io/x', /host name/],
  ['reg.io./x', /host name/],
  ['.reg.io/x', /host name/],
  ['re_g.io/x', /host name/],
  ['*.reg.io/x', /host name/],
  ['user@reg.io/x', /no|digest/i],
  ['user:pw@reg.io/x', /digest/],
  [`${'a.'.repeat(127)}aa/x`, /at most 255/],
  ['Reg/x', /localhost/],
  ['DOCKER.IO/nginx', /Docker Hub/],
  ['Docker.io/library/nginx', /Docker Hub/],
  ['Index.docker.io/x', /Docker Hub/],
  ['docker.io:443/library/nginx', /Docker Hub/],
  ['docker.io:5000/x', /Docker Hub/],
  ['index.docker.io:443/x/y', /Docker Hub/],
  ['127.1/x', /IPv4/],
  ['2130706433:5000/x', /IPv4/],
  ['0x7f.0.0.1/x', /IPv4/],
  ['0x7f000001:80/x', /IPv4/],
  ['0177.0.0.1/x', /IPv4/],
  ['127.0.0.01/x', /IPv4/],
  ['127.0.0.256/x', /IPv4/],
  ['1.2.3.4.5/x', /IPv4/],
  ['reg.1/x', /IPv4/],
  ['reg.0x/x', /IPv4/],
  ['[::1/x', /IPv6/],
  ['::1/x', /host name/],
  ['[]/x', /component/],
  ['[::1]x/y', /IPv6/],
  ['[::1]:/y', /port/],
  ['[::ffff:127.0.0.1]/x', /IPv6/],
  ['[fe80::1%eth0]/x', /IPv6/],
  ['[fe80::1%25eth0]/x', /IPv6/],
  ['[1::2::3]/x', /IPv6/],
  ['[reg.io]/x', /IPv6/],
  // ports
  ['reg.io:/x', /port/],
  ['reg.io:0/x', /port/],
  ['reg.io:080/x', /port/],
  ['reg.io:65536/x', /port/],
  ['reg.io:99999/x', /port/],
  ['reg.io:123456/x', /port/],
  ['reg.io:5000:5000/x', /port/],
  ['reg.io:+80/x', /port/],
  ['reg.io:http/x', /port/],
  ['a:b:c/x', /port/],
];

for (const [text, message] of REFUSED) {
  test(`refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.throws(
      () => parseImageReference(text),
      (error: Error & { code: string }) =>
        ['REFERENCE_INVALID', 'DIGEST_INVALID'].includes(error.code) && message.test(error.message),
    );
  });
}

const BAD_DIGESTS = [
  'nginx@',
  'nginx@sha256',
  'nginx@sha256:',
  `nginx@sha256:${HEX.slice(1)}`,
  `nginx@sha256:${HEX.toUpperCase()}`,
  `nginx@sha384:${'a'.repeat(96)}`,
  `nginx@md5:${'a'.repeat(32)}`,
  `nginx@${D}@${D}`,
  `nginx@${D}:1`,
  `nginx@${D}/x`,
];

for (const text of BAD_DIGESTS) {
  test(`refused for its digest: ${text.slice(0, 60)}`, () => {
    assert.throws(() => parseImageReference(text), { code: 'DIGEST_INVALID' });
  });
}

test('one insertion of a hostile character anywhere never changes the registry or repository silently', () => {
  const text = `reg.io:5000/corp/web:1@${D}`;
  const hostile = [
    ' ',
    '\n',
    '\0',
    '\t',
    '\\',
    '?',
    '#',
    '%',
    '@',
    '*',
    '\u00e9',
    '\u202e',
    '[',
    ']',
    '+',
    '~',
    '!',
  ];
  for (let at = 0; at <= text.length; at++) {
    for (const character of hostile) {
      const altered = text.slice(0, at) + character + text.slice(at);
      assert.throws(() => parseImageReference(altered), { name: 'CountersignError' }, altered);
    }
  }
});

test('parsing stays linear on long hostile input', () => {
  const started = performance.now();
  for (const unit of ['-', '_', 'a-', 'a.', 'a_', ':', '/', '@', '[', 'a/']) {
    const text = `reg.io/${unit.repeat(500)}!`.slice(0, 1024);
    for (let i = 0; i < 20; i++) assert.throws(() => parseImageReference(text));
  }
  assert.ok(performance.now() - started < 1000);
});

test('canonical text', () => {
  const reference: ImageReference = parseImageReference(`nginx:1@${D}`);
  assert.equal(formatImageReference(reference), `docker.io/library/nginx:1@${D}`);
  assert.equal(formatRepository(reference), 'docker.io/library/nginx');
});

test('a pinned image has a digest, no tag, and cannot be changed', () => {
  const pinned = pinImage(parseImageReference('nginx:1'), D);
  assert.equal(formatPinnedImage(pinned), `docker.io/library/nginx@${D}`);
  assert.deepEqual(Object.keys(pinned).sort(), ['digest', 'registry', 'repository']);
  assert.ok(Object.isFrozen(pinned));
});
