// The lab's BIRD takes what the real one takes, and refuses what it refuses.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readBird, readKept, wholeText } from '../../../src/lab/router/bird-config.ts'
import { bgpSessions } from '../../../src/lab/router/bird-sessions.ts'
import { firstRouter } from '../../../src/lab/router/first-router.ts'

const CONF = '/etc/bird/bird.conf'
const GOLDEN = 'test/parts/bgp/golden'

const GOOD = `log syslog all;
router id 192.0.2.1;
define ASN = 394955;
include "secrets.conf";
function refuse(int reason) { bgp_large_community.add((ASN, 2, reason)); reject; }
filter in_up { if net ~ [ fc00::/7+, ::/0 ] then refuse(7); /* comment */ accept; }
filter out_up { if proto = "own6" then accept; reject; } # comment
protocol device device1 { scan time 10; }
protocol static own6 { ipv6; route 2602:f674::/48 unreachable; }
protocol bgp up {
  local as ASN;
  neighbor 2001:db8:6939::1 as 6939;
  local role customer;
  password PASSWORD_up;
  ipv6 { import filter in_up; export filter out_up; import limit 1000 action block; export limit 1 action disable; };
}
`
const filesOf = (text: string, secrets = 'define PASSWORD_up = "a;b{";\n') => ({
  files: Object.fromEntries(
    [
      [CONF, text],
      ['/etc/bird/secrets.conf', secrets],
    ].map(([path = '', content = '']) => [path, { kind: 'file' as const, text: content, mode: 0o644 }]),
  ),
})
const mistake = (text: string, version = '2.17.5'): string | undefined => {
  try {
    readBird(filesOf(text), CONF, version)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Stand-ins for the files that a golden configuration includes: every name that it takes from there. */
function included(text: string): Record<string, string> {
  const names = (prefix: string) => [
    ...new Set([...text.matchAll(new RegExp(`\\b${prefix}_\\w+`, 'g'))].map(([name]) => name)),
  ]
  return {
    'orion-secrets.conf': names('PASSWORD')
      .map((name) => `define ${name} = "x";\n`)
      .join(''),
    'orion-drain.conf': names('DRAIN')
      .map((name) => `define ${name} = 0;\n`)
      .join(''),
    ...Object.fromEntries(
      names('IRR').map((name) => [
        `orion-irr-${name.slice(4).replaceAll('_', '-')}.conf`,
        `define ${name} = [ 2a00::/32{32,48} ];\n`,
      ]),
    ),
  }
}

describe('lab/router/bird-config', () => {
  it('reads protocols, filters and names', () => {
    const config = readBird(filesOf(GOOD), CONF, '2.0.12')
    assert.equal(config.routerId, '192.0.2.1')
    assert.deepEqual(
      config.protocols.map(({ type, name }) => `${type} ${name}`),
      ['device device1', 'static own6', 'bgp up'],
    )
    assert.deepEqual([...config.filters.keys()], ['in_up', 'out_up'])
    assert.deepEqual(readKept(wholeText(filesOf(GOOD), CONF), '2.0.12'), config)
  })

  for (const file of readdirSync(GOLDEN).filter((name) => name.endsWith('.conf')))
    it(`takes ${file}, as the real one does`, () => {
      const text = readFileSync(`${GOLDEN}/${file}`, 'utf8')
      const { files } = filesOf(text)
      for (const [name, content] of Object.entries(included(text)))
        files[`/etc/bird/${name}`] = { kind: 'file', text: content, mode: 0o644 }
      assert.doesNotThrow(() => readBird({ files }, CONF, '3.1.7'))
      assert.doesNotThrow(() => readBird({ files }, CONF, '2.17.5'))
      const isNewer = /^\s*(authentication|send hold time)/m.test(text)
      const read = () => readBird({ files }, CONF, '2.0.12')
      if (isNewer) assert.throws(read, /syntax error, unexpected/)
      else assert.doesNotThrow(read)
    })

  const wrong: [string, string, string, RegExp][] = [
    ['a brace too few', 'accept; }\nfilter out', 'accept; \nfilter out', /syntax error/],
    ['a brace too many', 'scan time 10; }', 'scan time 10; }}', /:8:42 syntax error, unexpected '}'/],
    ['brackets that cross', '[ fc00::/7+, ::/0 ]', '[ fc00::/7+, (::/0 ] )', /unexpected '\]'/],
    ['a string without an end', '"own6"', '"own6', /Unterminated string/],
    [
      'an include of nothing',
      'secrets.conf',
      'secret.conf',
      /^\/etc\/bird\/bird\.conf:4:9 Unable to open included file \/etc\/bird\/secret\.conf/,
    ],
    [
      'a name of nothing',
      'PASSWORD_up;',
      'PASSWORD_down;',
      /:14:12 syntax error, unexpected CF_SYM_UNDEFINED \(PASSWORD_down\)/,
    ],
    ['a filter of nothing', 'import filter in_up', 'import filter in_down', /CF_SYM_UNDEFINED \(in_down\)/],
    [
      'a name before its definition',
      'router id 192.0.2.1;',
      'router id 192.0.2.1; define A = B; define B = 1;',
      /CF_SYM_UNDEFINED \(B\)/,
    ],
    ['a name twice', 'define ASN = 394955;', 'define ASN = 394955; define ASN = 1;', /Symbol 'ASN' already defined/],
    ['an option of nothing', '  local role customer;', '  local rule customer;', /CF_SYM_UNDEFINED \(rule\)/],
    ['an option of another protocol', 'scan time 10;', 'hold time 10;', /:8:27 syntax error, unexpected hold/],
    ['an option of another place', 'local role customer;', 'import table on;', /unexpected import/],
    ['a protocol of nothing', 'protocol device device1', 'protocol table device1', /unexpected table/],
    ['a word on its own', 'log syslog all;', 'syslog all;', /:1:1 syntax error, unexpected syslog/],
    ['a statement without an end', 'define ASN = 394955;', 'define ASN = 394955', /syntax error/],
    ['no policy out (RFC 8212)', 'export filter out_up; ', '', /EBGP requires explicit export policy/],
    ['an option without an end', 'as 6939;', 'as 6939', /:13:3 syntax error, unexpected local/],
    ['a role inside', 'as 6939', 'as 394955', /Local role cannot be set on IBGP sessions/],
    ['no neighbour', 'neighbor 2001:db8:6939::1 as 6939;', '', /Neighbor must be configured/],
  ]
  for (const [title, from, to, message] of wrong)
    it(`refuses ${title}`, () => {
      assert.ok(GOOD.includes(from))
      assert.match(mistake(GOOD.replace(from, to)) ?? '', message)
    })
  it('knows what each version has', () => {
    const text = GOOD.replace('local role customer;', 'authentication md5;')
    assert.equal(mistake(text, '2.17.5'), undefined)
    assert.match(mistake(text, '2.0.12') ?? '', /unexpected authentication/)
  })
})

describe('lab/router/bird-sessions', () => {
  const host = firstRouter({ name: 'edge', vmid: 200, release: 'trixie' })
  host.ports = { ens18: { mac: '02:00:00:00:00:01', altnames: [] } }
  host.applied = 'auto ens18\niface ens18 inet6 static\n\taddress 2001:db8:6939::2/64\n'
  const session = (text: string) => bgpSessions(host, readBird(filesOf(text), CONF, '2.17.5'))[0]

  it('brings up a neighbour beside it, which stays within its limit', () => {
    const up = session(GOOD)
    assert.equal(up?.isUp, true)
    assert.equal(up?.local, '2001:db8:6939::2')
    const [channel] = up?.channels ?? []
    assert.deepEqual(channel?.exported, ['2602:f674::/48'])
    assert.ok(channel && channel.imported > 0 && channel.imported + channel.filtered < 1000)
  })
  it('does not reach one in another network, but over several hops', () => {
    const far = GOOD.replace('2001:db8:6939::1', '2001:db8:1::1')
    assert.equal(session(far)?.isUp, false)
    assert.equal(session(far.replace('local role', 'multihop 2; local role'))?.isUp, true)
  })
  it('has nobody at its own address', () =>
    assert.match(session(GOOD.replace('2001:db8:6939::1', '2001:db8:6939::2'))?.error ?? '', /refused/))
})
