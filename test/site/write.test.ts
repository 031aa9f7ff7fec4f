// Site files that a program writes: the same site when read, in the order of the schema, and nothing breaks out of its place.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parseDocument } from 'yaml'
import { parseSite } from '../../src/site/load.ts'
import type { SiteDraft } from '../../src/site/schema/schema.ts'
import type { Site } from '../../src/site/site.ts'
import { printMib, writeSite } from '../../src/site/write.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b test'
const FILE = '/nowhere/orion.yaml'

const read = (text: string) => parseSite(text, FILE, { standInKey: KEY })
const withoutPlaces = ({ warnings, ...site }: Site) => ({ ...site, warnings: warnings.length })

const SMALL: SiteDraft = {
  site: 'small',
  nodes: { n1: { address: '10.0.0.1' } },
  networks: { lan: { bridge: 'vmbr0', ipv4: '10.0.0.0/24' } },
  storage: { local: { type: 'dir', path: '/var/lib/vz', content: ['images'] } },
  guests: { web: { id: 100, memory: '1G', disk: '8G', storage: 'local', nics: { lan: '10.0.0.5' } } },
}

describe('writeSite', () => {
  for (const name of ['orion', 'hive', 'federation']) {
    it(`writes ${name} so that it is the same site when read`, async () => {
      const text = readFileSync(new URL(`../../templates/sites/${name}.yaml`, import.meta.url), 'utf8')
      const written = writeSite(parseDocument(text).toJS() as SiteDraft)
      assert.deepEqual(withoutPlaces(await read(written)), withoutPlaces(await read(text)))
      assert.equal(writeSite(parseDocument(written).toJS() as SiteDraft), written)
      assert.ok(written.split('\n').every((line) => line.length <= 120))
    })
  }

  it('puts keys in the order of the schema, whatever order they came in', () => {
    const { guests, site, ...rest } = SMALL
    const shuffled: SiteDraft = { guests: { web: { nics: { lan: 'dhcp' }, memory: '1G', id: 100 } }, ...rest, site }
    const keys = [...writeSite(shuffled).matchAll(/^(\w+):|^ {4}(\w+):/gm)].map(([, top, inner]) => top ?? inner)
    assert.deepEqual(keys, ['site', 'nodes', 'address', 'networks', 'storage', 'guests', 'id', 'memory', 'nics'])
    assert.ok(guests)
  })

  it('names the schema first, then the head, and comments before their keys', () => {
    const comments = {
      'guests.web': 'one\ntwo',
      'guests.web.nics.lan': 'three',
      'storage.local': 'four',
      nothing: 'five',
    }
    const lines = writeSite(SMALL, { head: ['made'], schema: './site.schema.json', comments }).split('\n')
    assert.deepEqual(lines.slice(0, 3), ['# yaml-language-server: $schema=./site.schema.json', '# made', 'site: small'])
    const below = (comment: string) => lines[lines.findIndex((line) => line.trim() === comment) + 1]?.trim()
    assert.equal(below('# one'), '# two')
    assert.equal(below('# two'), 'web:')
    assert.equal(below('# three'), 'lan: 10.0.0.5')
    assert.match(below('# four') ?? '', /^local:/)
    assert.ok(!lines.some((line) => line.includes('five')))
  })

  it('lets no comment and no value break out of its place', async () => {
    const anything = fc.string({ unit: 'binary', maxLength: 60 })
    const line = fc.oneof(
      anything,
      fc.constantFrom(
        '\nsite: other',
        '\r\nguests: {}',
        '\u2028nodes: {}',
        '\u0085x',
        '#',
        '- a',
        'a: b #c',
        '|\n x',
        '*a',
        '!!js',
        '"',
        "'",
      ),
    )
    await fc.assert(
      fc.asyncProperty(line, line, async (comment, said) => {
        const description = said.replace(/[^\P{Cc}\n\t]/gu, '').replace(/^[\n\t]+/, '')
        const web = { ...SMALL.guests?.web, description } as NonNullable<SiteDraft['guests']>[string]
        const value: SiteDraft = { ...SMALL, guests: { web } }
        const text = writeSite(value, {
          head: [comment],
          schema: comment,
          comments: { guests: comment, 'guests.web.id': comment },
        })
        const site = await read(text)
        assert.equal(site.guests[0]?.description, description)
        assert.deepEqual(
          [site.name, site.guests.length, site.guests[0]?.vmid, site.nodes.map(({ name }) => name)],
          ['small', 1, 100, ['n1']],
        )
      }),
      { numRuns: 30 },
    )
  })

  it('prints sizes as people write them', () => {
    assert.deepEqual([512, 1024, 1536, 393_216].map(printMib), ['512M', '1G', '1536M', '384G'])
  })
})
