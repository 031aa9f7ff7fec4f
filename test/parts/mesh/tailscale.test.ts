// Tailscale on hosts of a site: the source with its key, the package, the port, and where it is refused.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tailscaleResources } from '../../../src/parts/mesh/tailscale.ts'
import { tailscaleSource } from '../../../src/parts/mesh/tailscale-source.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { MeshTailscale } from '../../../src/site/services.ts'
import { fakeHost, file } from '../../resources/fake-host.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const SOURCE = '/etc/apt/sources.list.d/tailscale.sources'
const DEFAULTS = '/etc/default/tailscaled'
const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBGsB\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----'
const trusted = (bytes: Buffer) => (bytes.toString().trim() === KEY ? KEY : undefined)
const set = tailscaleSource('van-1', {}, trusted)
const RELEASE = 'PRETTY_NAME="Debian"\nVERSION_CODENAME=trixie\nID=debian\n'
const seen = (more: { key?: string; code?: number; release?: string; standing?: string } = {}) => ({
  ...NOTHING,
  files: new Map(more.standing === undefined ? [] : [[SOURCE, file(more.standing)]]),
  commands: new Map([['release', { code: 0, stdout: more.release ?? RELEASE, stderr: '' }]]),
  answers: new Map([
    ['tailscale-key', { code: more.code ?? 0, stdout: Buffer.from(more.key ?? '').toString('base64'), stderr: '' }],
  ]),
})
const textOf = (of: ReturnType<typeof seen>) => set.files(of)[0]?.text ?? ''

describe('parts/mesh/tailscale-source', () => {
  it('is one file with the key in it, which later runs keep without asking for it', () => {
    const text = textOf(seen({ key: KEY }))
    assert.deepEqual(text.split('\n').slice(1), [
      'Types: deb',
      'URIs: https://pkgs.tailscale.com/stable/debian',
      'Suites: trixie',
      'Components: main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' mQENBGsB',
      ' =abcd',
      ' -----END PGP PUBLIC KEY BLOCK-----',
      '',
    ])
    assert.deepEqual([textOf(seen({ standing: text })), set.problems?.(seen({ standing: text }))], [text, []])
  })

  it('follows the release', () => {
    const standing = textOf(seen({ key: KEY }))
    assert.match(
      textOf(seen({ standing, release: 'ID=ubuntu\nVERSION_CODENAME="noble"\n' })),
      /stable\/ubuntu\nSuites: noble\n/,
    )
  })

  for (const [what, of, problem] of [
    ['could not be fetched', seen(), /could not be fetched.*put it at \/etc\/orion\/tailscale\/archive-key\.gpg/],
    ['is another one', seen({ key: 'another' }), /is not the one that orion knows/],
    [
      'was exchanged in the file',
      seen({ standing: textOf(seen({ key: KEY })).replace('mQENBGsB', 'mQENBGsC') }),
      /has another key/,
    ],
    ['is for a system without packages', seen({ key: KEY, release: 'ID=alpine\n' }), /neither of Debian nor of Ubuntu/],
    ['is for a system of a hostile name', seen({ key: KEY, release: 'ID=debian\nVERSION_CODENAME=x y\n' }), /neither/],
  ] as const)
    it(`is refused where the key ${what}`, () => assert.match(set.problems?.(of).join() ?? '', problem))

  describe('its key', () => {
    let dir: string
    before(() => {
      dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
      writeFileSync(join(dir, 'curl'), `#!/bin/sh\nfor last do :; done\necho "$last"\n`, { mode: 0o755 })
      writeFileSync(join(dir, 'key'), 'by hand')
    })
    after(() => rmSync(dir, { recursive: true, force: true }))
    const [program = '', ...argv] = set.questions?.['tailscale-key'] ?? []
    const asked = (standing: string, byHand: string) => {
      const words = [...argv.slice(0, -2), standing, byHand]
      const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` }
      return Buffer.from(execFileSync(program, words, { env, encoding: 'utf8' }), 'base64').toString()
    }

    it('comes from the operator, else over HTTPS for this very release, and is not asked for twice', () => {
      assert.equal(asked(join(dir, 'none'), join(dir, 'key')), 'by hand')
      assert.match(
        asked(join(dir, 'none'), join(dir, 'none')),
        /^https:\/\/pkgs\.tailscale\.com\/stable\/[a-z]+\/[a-z]+\.noarmor\.gpg\n$/,
      )
      assert.equal(asked(join(dir, 'key'), join(dir, 'none')), '')
    })
  })

  it('can be planned for a host of which nothing is known', () => {
    assert.match(set.files(NOTHING)[0]?.text ?? '', /^Types: deb$/m)
  })
})

describe('parts/mesh/tailscale', () => {
  const wanted: MeshTailscale = { hosts: ['van-1', 'van-2'], authKey: { env: 'TS' }, routes: [], tags: [], port: 41641 }
  const of = (more: Partial<MeshTailscale> = {}) =>
    site({
      nodes: ['van-1', 'van-2'].map((name) => node(name)),
      mesh: mesh([gateway('van-1', '10.99.1.1')], { tailscale: { ...wanted, ...more } }),
    })
  const daemon = (more: Partial<MeshTailscale> = {}, host = 'van-1') =>
    tailscaleResources(of(more)).find(({ id }) => id === `file-set:${host}/tailscale`) ?? assert.fail()
  const hostWith = (text?: string, udp = '') =>
    fakeHost({
      name: 'van-1',
      files: text === undefined ? {} : { [DEFAULTS]: text },
      programs: { 'node-name': 'van-1', 'udp-ports': udp, 'systemctl restart tailscaled.service': '' },
    })

  it('has source, package, port and login on each host, one after the other', () => {
    const all = tailscaleResources(of()).filter(({ id }) => id.includes(':van-1/'))
    assert.deepEqual(
      all.map(({ id, needs }) => [id, needs]),
      [
        ['file-set:van-1/tailscale-source', []],
        ['packages:van-1/tailscale', ['file-set:van-1/tailscale-source']],
        ['file-set:van-1/tailscale', ['packages:van-1/tailscale']],
        ['tailscale:van-1/login', ['file-set:van-1/tailscale']],
      ],
    )
    assert.deepEqual(tailscaleResources(site()), [])
  })

  it('changes the port alone in a file that is others’, too', async () => {
    const text = '# Set the port.\nPORT="41641"\n\nFLAGS="--verbose=1"\n'
    const host = hostWith(text)
    const one = daemon({ port: 41700 })
    await one.update(host.outside, await one.observe(host.outside), host.note)
    assert.equal(host.files.get(DEFAULTS)?.text, text.replace('41641', '41700'))
    assert.ok(host.calls.includes('activate systemctl restart tailscaled.service'))
    assert.deepEqual(one.diff(await one.observe(hostWith(text.replace('41641', '41700')).outside)), [])
  })

  it('refuses a port that somebody else has', async () => {
    const udp = 'UNCONN 0 0 0.0.0.0:41641 0.0.0.0:*\n'
    await assert.rejects(daemon().observe(hostWith(undefined, udp).outside), /UDP port 41641 is taken/)
    // Its own.
    await daemon().observe(hostWith('PORT="41641"\n', udp).outside)
    await daemon().observe(hostWith(undefined, udp.replace('41641', '1641')).outside)
  })

  it('offers networks only from a host that forwards', async () => {
    const routes = ['10.1.0.0/24']
    await daemon({ routes }).observe(hostWith('').outside)
    const other = fakeHost({ name: 'van-2', programs: { 'node-name': 'van-2' } })
    await assert.rejects(
      daemon({ routes }, 'van-2').observe(other.outside),
      /van-2 is neither a gateway of the mesh nor the router/,
    )
  })
})
