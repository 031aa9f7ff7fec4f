// ORION with the contradictions of its source left in must report exactly those, each at its line.
import assert from 'node:assert/strict'
import { loadSite } from '../../src/site/load.ts'
import { SiteError } from '../../src/site/site-error.ts'
import { KEY } from './site-text.ts'

const FILE = 'test/fixtures/orion-as-written.yaml'

/** Line and column, path, and words of the message. */
const WANTED: readonly (readonly [string, string, RegExp])[] = [
  ['8:10', 'nodes.r730.bmc', /^192\.168\.1\.100 is taken by nodes\.r730/],
  ['15:62', 'networks.lan.ipv6', /^2602:f674:1000::\/64 is not inside .*2602:f674::\/48/],
  ['16:62', 'networks.guest.ipv6', /^2602:f674:2000::\/64 is not inside/],
  ['17:62', 'networks.management.ipv6', /^2602:f674:3000::\/64 is not inside/],
  ['18:23', 'networks.pods.ipv6', /^2602:f674:4000::\/64 is not inside/],
  ['19:23', 'networks.services.ipv6', /^2602:f674:5000::\/64 is not inside/],
  ['19:23', 'networks.services.ipv6', /\/108/],
  ['34:108', 'guests.open-webui.nics.lan', /^192\.168\.100\.30 is taken by guests\.ai-coordinator/],
  ['42:19', 'bgp.peers.telus.asn', /AS6939 is Hurricane Electric/],
]

describe('orion as its source wrote it', () => {
  // In the lab and outside, whether this machine has a key or not: that is no contradiction of the file.
  for (const lab of [{ standInKey: KEY }, {}])
    it(`reports exactly its contradictions${lab.standInKey ? ' (lab)' : ''}`, async () => {
      const error = await loadSite(FILE, { home: '/nowhere', ...lab }).then(
        () => assert.fail('loaded without an error'),
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof SiteError)
      assert.equal(error.exit, 2)
      const found = error.findings
      assert.deepEqual(
        found.map(({ line, column, path }) => [`${line}:${column}`, path.join('.')]),
        WANTED.map(([place, path]) => [place, path]),
      )
      for (const [index, finding] of found.entries()) {
        assert.match(finding.message, WANTED[index]?.[2] ?? /^$/)
        assert.equal(finding.severity, finding.path[0] === 'bgp' ? 'warning' : 'error')
      }
      assert.match(error.message, /^The site file test\/fixtures\/orion-as-written\.yaml has 8 errors\n/)
      assert.ok(error.message.includes(`\n\n${FILE}:34:108  guests.open-webui.nics.lan  192.168.100.30 is taken`))
    })
})
