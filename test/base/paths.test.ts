// Where orion keeps what it keeps, and how an editor finds the schema of a site file.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { schemaFor } from '../../src/base/paths.ts'

const rows: readonly [what: string, site: string, schema: string, named: string][] = [
  [
    'orion of the same folder',
    '/home/a/site/orion.yaml',
    '/home/a/site/node_modules/orion-pve/templates/x.json',
    './node_modules/orion-pve/templates/x.json',
  ],
  [
    'orion elsewhere',
    '/home/a/site/orion.yaml',
    '/usr/lib/node_modules/orion-pve/templates/x.json',
    '/usr/lib/node_modules/orion-pve/templates/x.json',
  ],
  ['a blank in its folder', '/home/a/orion.yaml', '/opt/my tools/orion/x.json', 'file:///opt/my%20tools/orion/x.json'],
  [
    'a blank below the same folder',
    '/home/a/orion.yaml',
    '/home/a/my tools/x.json',
    'file:///home/a/my%20tools/x.json',
  ],
  ['a blank above both', '/home/a b/orion.yaml', '/home/a b/orion/x.json', './orion/x.json'],
]

describe('base/paths', () => {
  for (const [what, site, schema, named] of rows)
    it(`the schema: ${what}`, () => assert.equal(schemaFor(site, schema), named))

  it('is there', () => assert.ok(existsSync(schemaFor('/nowhere/orion.yaml'))))
})
