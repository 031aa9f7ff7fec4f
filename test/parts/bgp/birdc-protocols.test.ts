// Protocols as birdc tells them: the same of three versions, and of any cut or garbled text something or nothing.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Protocol, parseProtocols } from '../../../src/parts/bgp/birdc-protocols.ts'
import { RECORDED, recorded } from './birdc-fixtures.ts'

/** Name → BGP state, and the last error. */
const STATES: Readonly<Record<string, readonly [state: RegExp, error?: string]>> = {
  peer_upstream: [/^Established$/],
  peer_upstream4: [/^Established$/],
  peer_wrong_role: [/^(Idle|Active)$/, 'BGP Error: Role mismatch'],
  peer_unroled: [/^(Idle|Active)$/, 'BGP Error: Role mismatch'],
  peer_wrong_asn: [/^(Idle|Active)$/, 'BGP Error: Bad peer AS'],
  peer_refused: [/^(Connect|Active)$/, 'Socket: Connection refused'],
  peer_wrong_password: [/^Connect$/],
  peer_no_password: [/^Connect$/],
  peer_silent: [/^Connect$/],
  peer_downed: [/^Down$/],
  peer_noroute: [/^(Connect|Active)$/, 'Socket: Network is unreachable'],
  peer_flat: [/^(OpenSent|Active|Connect|Idle)$/, 'BGP Error: Hold timer expired'],
  peer_limit_block: [/^Established$/],
  peer_limit_disable: [/^Down$/, 'Automatic shutdown: Route limit exceeded'],
}

describe('parts/bgp/birdc-protocols', () => {
  for (const version of RECORDED)
    describe(version, () => {
      const all = new Map(parseProtocols(recorded(version, 'protocols')).map((one) => [one.name, one]))
      const get = (name: string): Protocol => all.get(name) ?? assert.fail(`no ${name}`)

      it('knows every protocol by name, kind, state and time', () => {
        assert.deepEqual([all.size, get('own6').kind, get('own6').state], [23, 'Static', 'up'])
        for (const { since } of all.values()) assert.match(since, /^2026-11-21 14:\d\d:\d\d/)
      })

      for (const [name, [state, error]] of Object.entries(STATES))
        it(`${name}: its state and its last error`, () => {
          assert.match(get(name).fields.get('BGP state') ?? '', state)
          assert.equal(get(name).fields.get('Last error'), error)
        })

      it('an established session in full', () => {
        const { fields, capabilities, channels, kind } = get('peer_upstream')
        assert.equal(kind, 'BGP')
        assert.equal(fields.get('Description'), 'Example transit')
        assert.equal(fields.get('Neighbor address'), 'fd00:b9::b:1')
        assert.equal(fields.get('Neighbor AS'), '64500')
        assert.match(fields.get('Hold timer') ?? '', /^[\d.]+\/90$/)
        assert.deepEqual(capabilities.local.slice(-1), ['Role: customer'])
        assert.deepEqual(capabilities.neighbor.slice(-1), ['Role: provider'])
        assert.deepEqual(capabilities.local[0], 'Multiprotocol (AF announced: ipv6)')
        assert.deepEqual(
          channels.map(({ name }) => name),
          ['ipv6'],
        )
        assert.deepEqual(channels[0]?.routes, { imported: 4, filtered: 2, exported: 1, preferred: 4 })
        assert.deepEqual(channels[0]?.limits, [
          { kind: 'receive', limit: 200, hit: false, action: 'disable' },
          { kind: 'import', limit: 100, hit: false, action: 'block' },
          { kind: 'export', limit: 1, hit: false, action: 'disable' },
        ])
      })

      it('a limit that was reached', () => {
        assert.deepEqual(get('peer_limit_block').channels[0]?.limits, [
          { kind: 'import', limit: 2, hit: true, action: 'block' },
        ])
        assert.deepEqual(get('peer_limit_restart').channels[0]?.limits, [
          { kind: 'receive', limit: 2, hit: true, action: 'restart' },
        ])
      })

      it('a limit that was reached, and raised since: BIRD 3.1 goes on to say that it is', () => {
        const raised = parseProtocols(recorded(version, 'protocols').replaceAll('2 [HIT]', '5 [HIT]'))
        const limits = (name: string) => raised.find((one) => one.name === name)?.channels[0]?.limits
        assert.deepEqual(
          limits('peer_limit_block')?.map(({ limit, hit }) => [limit, hit]),
          [[5, false]],
        )
        assert.equal(limits('peer_limit_restart')?.[0]?.hit, true, 'of a session that is down nothing else is known')
      })

      it('RPKI caches', () => {
        const { fields, channels } = get('rtr1')
        assert.deepEqual([fields.get('Status'), fields.get('Cache port')], ['Established', '3323'])
        assert.deepEqual(
          channels.map(({ name, routes }) => [name, routes.imported]),
          [
            ['roa4', 1],
            ['roa6', 1],
          ],
        )
        assert.equal(get('rtr2').fields.get('Status'), 'Transport-Error')
      })

      it('reads what is cut or garbled as far as it goes', () => {
        const text = recorded(version, 'protocols')
        const names = new Set(all.keys())
        fc.assert(
          fc.property(fc.nat(text.length), fc.nat(text.length), fc.string(), (at, length, other) => {
            for (const name of parseProtocols(text.slice(0, at))
              .map((one) => one.name)
              .slice(0, -1))
              assert.ok(names.has(name))
            parseProtocols(text.slice(0, at) + other + text.slice(at + length))
          }),
          { numRuns: 60 },
        )
      })
    })
})
