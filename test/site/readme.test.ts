// The site files that the README shows whole load as they stand there; its parts are YAML at least.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { KEY, parse } from './site-text.ts'

const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^ *```yaml\n([\s\S]*?)^ *```$/gm)].map(
  ([, text = '']) => text,
)
const whole = blocks.filter((text) => text.startsWith('site:'))
const nameOf = (text: string) => /^site: (\S+)/.exec(text)?.[1] ?? ''

describe('README', () => {
  it('has its parts in YAML', () => {
    assert.ok(blocks.length > 3)
    for (const text of blocks) assert.deepEqual(parseDocument(text).errors, [])
  })
  // What the first one announces stands in the part after it.
  const warned: Readonly<Record<string, readonly string[]>> = { orion: ['networks.lan.ipv6'], border: [] }
  for (const text of whole)
    it(`shows the whole site ${nameOf(text)}`, async () => {
      const site = await parse(text, { home: '/nowhere', standInKey: KEY })
      const warnings = site.warnings.filter(({ path }) => !path.includes('sshKeys'))
      assert.deepEqual(
        warnings.map(({ path }) => path.join('.')),
        warned[nameOf(text)],
      )
    })
  it('shows a border router with two providers, a peer and a customer', async () => {
    const sites = await Promise.all(whole.map((text) => parse(text, { home: '/nowhere', standInKey: KEY })))
    const relations = sites.map(({ bgp }) => (bgp?.peers ?? []).map(({ relation }) => relation))
    assert.ok(
      relations.some((all) => ['provider', 'provider', 'peer', 'customer'].every((each, at) => all[at] === each)),
    )
    const border = sites.find(({ bgp }) => bgp !== undefined)
    assert.ok((border?.firewall?.allow.length ?? 0) > 0)
  })
})
