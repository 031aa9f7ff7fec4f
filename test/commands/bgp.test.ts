// orion bgp …, through the built bin: the router of ORION in the lab, from a site without it to one that changes.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Step {
  readonly id: string
  readonly verb: string
  readonly differences: readonly { readonly field: string; readonly have?: string; readonly want?: string }[]
  readonly problem?: { readonly code: string; readonly message: string; readonly suggestions: readonly string[] }
}
interface Doc {
  readonly plan: { readonly steps: readonly Step[] }
}
interface Row {
  readonly rule: string
  readonly state: string
  readonly live: boolean
}

const PEER = '      relation: provider'

describe('orion bgp', function () {
  this.timeout(180_000)
  let here: Rehearsal
  let file: string
  const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
  const plan = async (...args: string[]) =>
    (JSON.parse((await orion('bgp', 'plan', '--json', ...args)).out) as Doc).plan
  /** The site with one more line of its peer. */
  const change = (line: string) => {
    const text = readFileSync(siteFile('orion'), 'utf8')
    assert.ok(text.includes(PEER))
    writeFileSync(file, text.replace(PEER, `      ${line}\n${PEER}`))
  }
  const restore = () => writeFileSync(file, readFileSync(siteFile('orion')))

  before(async () => {
    here = await rehearse(siteFile('orion'))
    file = join(here.home, 'orion.yaml')
    restore()
  })
  afterEach(restore)
  after(() => here?.leave())

  it('a router that is not there yet is an error before anything changes, with the command that makes it', async () => {
    const { exit, out } = await orion('bgp', 'plan')
    assert.equal(exit, 1)
    assert.match(out, /router \(VM 200 on r730\) does not exist yet\s+Try: \S+ vm apply --only router --site/)
    const { steps } = await plan()
    assert.deepEqual([...new Set(steps.map(({ problem }) => problem?.code))], ['E_HOST_UNREACHABLE'])
    const refused = await orion('bgp', 'apply', '--yes')
    assert.equal(refused.exit, 1)
    assert.match(refused.err, /Nothing was changed/)
    for (const words of [['hygiene'], ['undo', '--list'], ['show']])
      assert.match((await orion('bgp', ...words)).err, /does not exist yet/, words.join(' '))
  })

  it('bootstrap makes the guest, waits for it, makes the router and proves its sessions; then bgp has nothing to do', async () => {
    const { exit, out, err } = await orion('bootstrap', '--yes')
    assert.equal(exit, 0, out + err)
    assert.match(out, /✔ bgp +host reachable[^✔]*bgp\s+session/)
    assert.match(out, /BIRD of router/)
    assert.doesNotMatch(out, /not acted on by this version:.*(bgp|firewall)/)
    const { steps } = await plan()
    assert.deepEqual([...new Set(steps.map(({ verb }) => verb))], ['keep'])
    assert.equal((await orion('bgp', 'plan')).exit, 0)
  })

  it('says what a change does to each session, applies it under the guard, and puts it back', async () => {
    change('prepend: 1')
    const shown = await orion('bgp', 'plan')
    assert.equal(shown.exit, 3)
    assert.match(shown.out, /\+ {2}bgp_path\.prepend\(ASN\);\n/)
    assert.match(shown.out, /session upstream {2}established → reloads/)
    assert.match(shown.out, /Make it so: \S+ bgp apply --site/)
    assert.doesNotMatch(shown.out, /interrupts/)
    const applied = await orion('bgp', 'apply', '--yes', '--confirm-within', '5m')
    assert.equal(applied.exit, 0, applied.out + applied.err)
    for (const note of ['staged', 'checked', 'armed: router puts it back at', 'confirmed'])
      assert.match(applied.err, new RegExp(note))
    assert.equal((await orion('bgp', 'plan')).exit, 0)

    const listed = JSON.parse((await orion('bgp', 'undo', '--list', '--json')).out)
    assert.deepEqual([listed.router, listed.states[0].name, listed.states[0].state], ['router', 'bird', 'confirmed'])
    assert.match(listed.states[0].by, /\(orion bgp apply\)$/)
    const asked = await orion('bgp', 'undo')
    assert.equal(asked.exit, 2)
    assert.match(asked.out, /Puts back bird on router/)
    assert.match(asked.out, /- {2}bgp_path\.prepend\(ASN\);\n/)
    assert.doesNotMatch(asked.err, /Changed since/)
    assert.equal((await orion('bgp', 'undo', 'router', '--yes')).exit, 0)
    restore()
    assert.equal((await orion('bgp', 'plan')).exit, 0)
    const wrong = await orion('bgp', 'undo', 'redis')
    assert.equal(wrong.exit, 2)
    assert.match(wrong.err, /orion has no router named redis/)
  })

  it('says that a session resets, and that it interrupts it', async () => {
    change('requireRole: true')
    const { exit, out } = await orion('bgp', 'apply', '--dry-run')
    assert.equal(exit, 3)
    assert.match(out, /session upstream {2}established → resets/)
    assert.match(out.replace(/\s+/g, ' '), /This interrupts BGP session upstream on router for a moment/)
  })

  it('plans one topic alone', async () => {
    const { steps } = await plan('--only', 'firewall')
    const ids = steps.map(({ id }) => id)
    assert.ok(ids.includes('file-set:router/firewall') && !ids.includes('file-set:router/bird'), ids.join())
    assert.equal((await orion('bgp', 'plan', '--only', 'nothing')).exit, 2)
  })

  it('shows the rules of hygiene: exit 3 while one that is on is not live', async () => {
    const { exit, out } = await orion('bgp', 'hygiene')
    assert.equal(exit, 0, out)
    assert.match(out, /on +our own prefixes are taken of nobody/)
    const text = out.replace(/\s+/g, ' ')
    assert.match(text, /off [^()]*\(RFC 5880, RFC 5882\) both ends must have it[^()]*bgp\.peers\.upstream\.bfd/)
    assert.match(out, /\d+ on, \d+ off, \d+ not possible$/m)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    change('bfd: true')
    const changed = await orion('bgp', 'hygiene', '--json')
    assert.equal(changed.exit, 3)
    const { rows } = JSON.parse(changed.out) as { rows: readonly Row[] }
    assert.deepEqual(
      rows.filter(({ live }) => !live).map(({ rule, state }) => [rule, state]),
      [['bfd', 'on']],
    )
    assert.match(
      (await orion('bgp', 'hygiene')).out,
      /not live: the router does not keep this yet\n {2}Try: orion bgp apply/,
    )
  })

  it('a router that is stopped: said by every command, and found by verify', async () => {
    assert.equal((await orion('vm', 'stop', 'router', '--yes')).exit, 0)
    const { exit, out } = await orion('bgp', 'plan')
    assert.equal(exit, 1)
    assert.match(out, /router \(VM 200 on r730\) is stopped\s+Try: \S+ vm start router --site/)
    for (const words of [['hygiene'], ['undo', '--list'], ['show']]) {
      const { exit, err } = await orion('bgp', ...words)
      assert.equal(exit, 1)
      assert.match(err, /router \(VM 200 on r730\) is stopped/, words.join(' '))
    }
    const verified = await orion('verify', '--json')
    assert.equal(verified.exit, 3)
    assert.match(verified.out, /is stopped/)
    assert.equal((await orion('vm', 'start', 'router', '--yes')).exit, 0)
    const again = await orion('bgp', 'plan')
    assert.equal(again.exit, 0, again.out)
  })
})
