// The router's own validator: who may ask it, what BIRD is told of it, and how old what it knows may be.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCaches, rpki, rpkiFacts, rpkiProbes } from '../../../src/parts/router/rpki.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Rpki } from '../../../src/site/services.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { WISH } from '../net/test-node.ts'
import { type RouterSite, routerSite } from './router-sites.ts'

function withRpki(wanted: Rpki | undefined): Promise<RouterSite> {
  return routerSite((site) => {
    if (site.bgp === undefined) return site
    const { rpki: _, ...bgp } = site.bgp
    return { ...site, bgp: wanted === undefined ? bgp : { ...bgp, rpki: wanted } }
  })
}

const LOCAL: Rpki = { local: true, caches: [] }

describe('parts/router/rpki', () => {
  it('answers on this machine only, and without metrics', async () => {
    const { site, router } = await withRpki(LOCAL)
    const all = rpki(site, router, WISH)?.files(NOTHING) ?? []
    const stayrtr = all.find(({ path }) => path.includes('stayrtr'))?.text ?? ''
    assert.match(stayrtr, /^ExecStart=$\n^ExecStart=\/usr\/bin\/stayrtr -bind \[::1\]:8282 -metrics\.addr "" /m)
    assert.match(all.find(({ path }) => path.includes('rpki-client'))?.text ?? '', /^Type=exec$/m)
  })

  const releases = [
    { release: 'bookworm', arin: true },
    { release: 'trixie', arin: false },
  ]
  for (const { release, arin } of releases)
    it(`${arin ? 'brings' : 'does not touch'} the trust anchor of ARIN on ${release}`, async () => {
      const { site, router } = await withRpki(LOCAL)
      const says = { code: 0, stdout: `ID=debian\nVERSION_CODENAME=${release}\n`, stderr: '' }
      const seen = { ...NOTHING, commands: new Map([['os-release', says]]) }
      const all = rpki(site, router, WISH)?.files(seen) ?? []
      const text = all.find(({ path }) => path === '/etc/tals/arin.tal')?.text
      assert.equal(text !== undefined, arin)
      // RFC 8630 2.2: comments, addresses, an empty line, a public key.
      if (text !== undefined) assert.match(text, /^(#.*\n)*((rsync|https):\/\/\S+\n)+\n([A-Za-z0-9+/]+=*\n)+$/)
    })

  it('names the local cache first, then those of the site file', async () => {
    const caches = [{ address: '192.0.2.5', port: 3323 }]
    assert.deepEqual(getCaches((await withRpki({ local: true, caches })).site), [
      { name: 'local', address: '::1', port: 8282 },
      { name: 'cache1', address: '192.0.2.5', port: 3323 },
    ])
    assert.deepEqual(getCaches((await withRpki(undefined)).site), [])
  })

  it('is nothing without a validator of its own', async () => {
    const { site, router } = await withRpki({ local: false, caches: [] })
    assert.equal(rpki(site, router, WISH), undefined)
    assert.deepEqual(rpkiFacts(site, router), {})
    assert.deepEqual(rpkiProbes(site, router), [])
  })

  const head =
    '{\n\t"metadata": {\n\t\t"buildtime": "2026-11-21T12:00:00Z",\n\t\t"roas": 190,\n\t\t"vrps": 700123,\n\t\t"uniquevrps": 1\n\t},'
  const rows = [
    { says: `600\n${head}`, state: 'ok', seen: '700123 of 10 min ago' },
    { says: `20000\n${head}`, state: 'warning', seen: '700123 of 333 min ago' },
    { says: `600\n${head.replace('700123', '0')}`, state: 'failed', seen: '0 of 10 min ago' },
    { says: { code: 1 }, state: 'warning', seen: 'none yet' },
  ]
  for (const { says, state, seen } of rows)
    it(`judges ${seen}: ${state}`, async () => {
      const { site, router } = await withRpki(LOCAL)
      const { outside } = fakeHost({ name: 'router', programs: { validated: says } })
      const result = await rpkiProbes(site, router)[0]?.run(outside)
      assert.deepEqual({ state: result?.state, seen: result?.seen }, { state, seen })
    })

  it('reads the age and the head of a real file, and fails where there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orion-rpki-'))
    try {
      const { site, router } = await withRpki(LOCAL)
      const [program = '', ...words] = rpkiFacts(site, router).commands?.validated ?? []
      const path = join(folder, 'json')
      const argv = [...words.slice(0, -1), path]
      assert.throws(() => execFileSync(program, argv, { stdio: 'pipe' }))
      writeFileSync(path, head.padEnd(5000, ' '))
      const said = execFileSync(program, argv, { encoding: 'utf8' })
      assert.match(said, /^[0-9]\n\{\n\t"metadata"/)
      assert.ok(said.length < 2100)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
