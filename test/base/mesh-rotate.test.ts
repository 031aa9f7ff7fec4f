// orion mesh rotate: class after class, what stops it, its exit codes, and the units for the operator's machine.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RotateLink, rotate } from '../../src/base/mesh-rotate.ts'
import { printUnits, renewIdentity } from '../../src/base/mesh-rotate-more.ts'
import { afterText, beforeText } from '../../src/base/mesh-rotate-text.ts'
import type { Session } from '../../src/base/session.ts'
import { type Code, OrionError } from '../../src/errors.ts'
import { leavesBypass, rotateUnits } from '../../src/parts/mesh/rotate-unit.ts'
import { gateway, mesh, site } from '../site/site-builder.ts'

const LINKS: readonly (readonly [string, RotateLink['class']])[] = [
  ['a~b', 'direct'],
  ['a~c', 'direct'],
  ['a~hub', 'hub'],
]

describe('base/mesh-rotate', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const session = () =>
    ({
      site: site({
        mesh: mesh([gateway('fra-1', '10.99.3.1')], { postQuantum: { kem: 'ml-kem-768', required: false } }),
      }),
      outside: { signal: new AbortController().signal },
      dir,
      lab: false,
      screen: {},
    }) as unknown as Session
  const talk = () => ({ session: session(), json: true })
  const asked: string[] = []
  /** Errors by link. */
  const run = async (errors: Readonly<Record<string, Code>> = {}, { later = [] as string[], concurrency = 8 } = {}) => {
    asked.splice(0)
    let now = 0
    let most = 0
    const wish = { links: [], bypass: false, keypairs: false, yes: true, concurrency }
    const result = await rotate(talk(), wish, () => ({
      classes: [LINKS.slice(0, 2), LINKS.slice(2)].map((list) =>
        list.map(([id, name]) => ({ id, class: name, hasOtherWay: true })),
      ),
      later,
      rotate: async (id) => {
        asked.push(id)
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 5))
        now -= 1
        const code = errors[id]
        if (code) throw new OrionError(`${id} did not work`, { code })
        return 'rotated'
      },
    }))
    const { links, next } = result.document as { links: { id: string; state: string }[]; next: string[] }
    return { exit: result.exit, states: links.map(({ id, state }) => `${id} ${state}`), next, most }
  }

  it('does one class after the other, those of a class at once', async () => {
    const { exit, states, most } = await run()
    assert.deepEqual([exit, most], [0, 2])
    assert.deepEqual(states, ['a~b rotated', 'a~c rotated', 'a~hub rotated'])
    assert.equal((await run({}, { concurrency: 1 })).most, 1)
  })

  it('begins no class before the one before it stands', async () => {
    const { exit, states } = await run({ 'a~b': 'E_ROLLED_BACK' })
    assert.equal(exit, 4)
    assert.deepEqual(states, ['a~b failed', 'a~c rotated', 'a~hub not tried'])
    assert.deepEqual(asked, ['a~b', 'a~c'])
    assert.equal((await run({ 'a~b': 'E_ROLLED_BACK', 'a~c': 'E_HOST_UNREACHABLE' })).exit, 1)
    assert.equal((await run({ 'a~hub': 'E_HOST_FACTS' })).exit, 4)
  })

  it('names the run of the bypass where there is one', async () => {
    assert.match((await run({}, { later: ['c~hub2'] })).next.join(), /as a run of its own: \S+ mesh rotate --bypass/)
    assert.deepEqual((await run()).next, [])
  })

  it('gives the site free, and passes on what is no matter of one link', async () => {
    await assert.rejects(run({ 'a~b': 'E_INTERRUPTED' }), /did not work/)
    assert.equal((await run()).exit, 0)
  })

  it('asks first', async () => {
    const open = () => ({ classes: [], later: [], rotate: async () => 'rotated' as const })
    const wish = { links: [], bypass: false, keypairs: false, yes: false }
    await assert.rejects(rotate(talk(), wish, open), /--json asks no question/)
    await assert.rejects(
      renewIdentity(talk(), { gateway: 'fra-1', links: [], yes: false }, async () => []),
      /--json asks no question/,
    )
    await assert.rejects(
      renewIdentity(talk(), { gateway: 'fra-1', links: ['a~b'], yes: true }, async () => []),
      /name no link/,
    )
  })

  it('asks nothing about a gateway that is none', async () => {
    const wish = { gateway: 'fra-9', links: [], yes: false }
    await assert.rejects(
      renewIdentity(talk(), wish, async () => []),
      /no gateway named fra-9/,
    )
  })

  it('tells which peers know a new identity', async () => {
    const wish = { gateway: 'fra-1', links: [], yes: true }
    const { exit, document } = await renewIdentity(talk(), wish, async () => ['kel-1'])
    assert.deepEqual([exit, document], [0, { gateway: 'fra-1', peers: ['kel-1'] }])
  })

  it('prints units that systemd takes for what they are', async () => {
    const { service, timer, name } = rotateUnits({
      site: 'fed',
      suffix: 'bypass',
      calendar: 'Sun *-*-* 03:00:00',
      argv: ['/usr/bin/node', '/opt/a b/run.js', '--site', '/x/100%/$HOME/"q"\\.yaml'],
    })
    assert.equal(name, 'orion-mesh-rotate-fed-bypass')
    assert.match(
      service,
      /^ExecStart=\/usr\/bin\/node "\/opt\/a b\/run\.js" --site "\/x\/100%%\/\$\$HOME\/\\"q\\"\\\\\.yaml"$/m,
    )
    assert.match(timer, /^OnCalendar=Sun \*-\*-\* 03:00:00$/m)
    const wrong = [
      '',
      ' ',
      'weekly\nExecStart=/bin/sh',
      '%h',
      '$(reboot)',
      'x'.repeat(101),
      'every tuesday',
      'now',
      '03',
    ]
    for (const calendar of wrong)
      assert.throws(() => rotateUnits({ site: 'fed', calendar, argv: [] }), /--on-calendar wants a time/)
  })

  it('prints them for a site file, with the flags of this run', async () => {
    const flags = { site: 'templates/sites/federation.yaml', bypass: true, keypairs: true, 'on-calendar': 'weekly' }
    const { document } = await printUnits({ ...flags, links: [] }, true, rotateUnits, leavesBypass)
    const { name, service } = document as { name: string; service: string }
    assert.equal(name, 'orion-mesh-rotate-sovereign-bypass-keypairs')
    assert.match(
      service,
      /ExecStart=\S+ \S+run\.js mesh rotate --bypass --keypairs --yes --site \/\S+federation\.yaml$/m,
    )
    assert.doesNotMatch(service, /second unit/)
  })

  it('prints them for the links that were named, and names the unit that is missing for the bypass', async () => {
    const print = async (links: readonly string[], more: { readonly lab?: boolean } = {}) => {
      const flags = { site: 'templates/sites/federation.yaml', bypass: false, keypairs: false, links, ...more }
      const { document } = await printUnits(flags, true, rotateUnits, leavesBypass)
      return document as { name: string; service: string; timer: string }
    }
    const one = await print(['fra-1~rey-1'])
    assert.equal(one.name, 'orion-mesh-rotate-sovereign-fra-1-rey-1')
    assert.match(one.service, / mesh rotate fra-1~rey-1 --yes /)
    assert.doesNotMatch(one.service, /second unit/)
    const all = await print([])
    assert.match(
      all.service,
      /\n# It leaves out .*--bypass --print-unit prints\n# a second unit for these.*\n\[Unit\]\n/,
    )
    assert.match(all.timer, /^OnCalendar=weekly$/m)
    await assert.rejects(print(['fra-1~nope']), /no link named fra-1~nope/)
    await assert.rejects(print([], { lab: true }), /--print-unit does not go with the lab/)
  })

  it('takes what systemd calls a calendar event', () => {
    for (const calendar of [
      'daily',
      'Mon,Thu 03:00',
      'Sun 03:00',
      'Mon..Fri *-*-* 4:30 Europe/Berlin',
      '*-*-01',
      'Sat',
      '03:00 UTC',
    ])
      assert.match(rotateUnits({ site: 'fed', calendar, argv: [] }).timer, /^OnCalendar=/m, calendar)
  })

  it('names in its next command what was asked for', () => {
    const failed = [{ id: 'a~b', class: 'direct', state: 'failed' }] as const
    const last = (wish: { links: string[]; bypass: boolean }) => afterText('pair', failed, [], wish).at(-1)
    assert.equal(last({ links: ['sin-1'], bypass: false }), 'Try again: orion mesh rotate sin-1 --keypairs')
    assert.equal(last({ links: [], bypass: true }), 'Try again: orion mesh rotate --bypass --keypairs')
  })

  it('fits into 80 columns', () => {
    for (const kind of ['psk', 'pair'] as const)
      for (const line of beforeText(kind, [[{ id: 'a~b', class: 'direct', hasOtherWay: true }]]))
        assert.ok(line.length <= 80, line)
  })

  it('makes no identity where there are no post-quantum keys', async () => {
    const bare = { ...session(), site: site({ mesh: mesh([gateway('fra-1', '10.99.3.1')], {}) }) }
    const { postQuantum: _, ...classical } = bare.site.mesh ?? mesh([])
    const classic = { ...bare, site: { ...bare.site, mesh: classical } }
    await assert.rejects(
      renewIdentity({ session: classic, json: true }, { gateway: 'fra-1', links: [], yes: true }, async () => []),
      /has no post-quantum keys, so no identities/,
    )
  })
})
