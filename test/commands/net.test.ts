// orion net …, through the built bin and over SSH: the hosts of the lab, as Proxmox's installer leaves them.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Doc {
  plan: { steps: { id: string; verb: string; problem?: { code: string } }[] }
}

describe('orion net', function () {
  this.timeout(120_000)
  let here: Rehearsal
  let file: string
  const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
  /** The site with one thing changed. */
  const change = (from: string | RegExp, to: string) => {
    const text = readFileSync(siteFile('orion'), 'utf8')
    assert.notEqual(text.replace(from, to), text, `${from} is in the site file`)
    writeFileSync(file, text.replace(from, to))
  }
  const restore = () => writeFileSync(file, readFileSync(siteFile('orion')))

  before(async () => {
    here = await rehearse(siteFile('orion'))
    file = join(here.home, 'orion.yaml')
    restore()
  })
  afterEach(restore)
  after(() => here?.leave())

  it('a guest whose bridge is not there yet: the error says what makes it', async () => {
    const { exit, out } = await orion('vm', 'apply', '--yes', '--only', 'redis')
    assert.equal(exit, 1)
    assert.match(out, /bridge 'vmbr1' does not exist/)
    assert.match(out.replace(/\s+/g, ' '), /Try: make the bridge first: \S+ net apply --node r730 --site/)
  })

  it('plans: lines, what it interrupts, exit 3, in 80 columns', async () => {
    const { exit, out } = await orion('net', 'plan')
    assert.equal(exit, 3, out)
    assert.match(out, /\+auto vmbr1\n/)
    assert.match(out, /interrupts your own path to r730/)
    assert.match(out, /comes back by itself at the latest\s+after 60 s/)
    assert.match(out, /Make it so: \S+ net apply --site/)
    for (const line of out.split('\n').filter((one) => !/^(Make it so|Site)/.test(one)))
      assert.ok(line.length <= 80, line)
    const patient = await orion('net', 'apply', '--dry-run', '--confirm-within', '2m')
    assert.equal(patient.exit, 3)
    assert.match(patient.out, /after 120 s/)
  })

  it('shows what is there and what is missing', async () => {
    const { exit, out } = await orion('net', 'show')
    assert.equal(exit, 0)
    assert.match(out, /\+ +vmbr1 +bridge +absent/)
    assert.match(out, /vmbr0 +bridge +up/)
  })

  it('applies under the guard; then all is as wanted', async () => {
    const applied = await orion('net', 'apply', '--yes')
    assert.equal(applied.exit, 0, applied.out + applied.err)
    for (const note of ['staged', 'checked', 'armed: r730 puts it back at', 'confirmed'])
      assert.match(applied.err, new RegExp(note))
    assert.equal((await orion('net', 'plan')).exit, 0)
    const shown = JSON.parse((await orion('net', 'show', '--node', 'r730', '--json')).out)
    const [node] = shown.nodes
    assert.deepEqual([...new Set(node.interfaces.map(({ verdict }: { verdict: string }) => verdict))], ['='])
    assert.equal((await orion('vm', 'apply', '--yes', '--only', 'redis')).exit, 0, 'its bridge is there now')
    const again = await orion('net', 'apply', '--yes', '--json')
    assert.equal(again.err, '')
    assert.ok((JSON.parse(again.out) as Doc).plan.steps.every(({ verb }) => verb === 'keep'))
  })

  it('lists and undoes, and undoes that too', async () => {
    const listed = JSON.parse((await orion('net', 'undo', 'r730', '--list', '--json')).out)
    assert.equal(listed.states[0].state, 'confirmed')
    assert.match(listed.states[0].by, /@.+ \(orion net apply\)$/)
    const asked = await orion('net', 'undo', 'r730')
    assert.equal(asked.exit, 2)
    assert.match(asked.out, /^ +-auto vmbr1$/m)
    assert.match(asked.err, /no terminal/)
    assert.match(
      asked.out.replace(/\s+/g, ' '),
      /This interrupts bridge vmbr0 on r730 for a moment\. This .*bridge vmbr1 for good \(1 guest\).*your own path to r730/,
    )
    const dry = await orion('net', 'undo', 'r730', '--dry-run')
    assert.equal(dry.exit, 3)
    const undone = await orion('net', 'undo', 'r730', '--yes', '--to', listed.states[0].id)
    assert.equal(undone.exit, 0, undone.err)
    assert.match(undone.err, /confirmed/)
    assert.equal((await orion('net', 'plan')).exit, 3)
    assert.equal((await orion('net', 'undo', 'r730', '--yes', '--json')).exit, 0)
    assert.equal((await orion('net', 'plan')).exit, 0)
  })

  it('what the host cannot do: exit 4, and nothing is touched', async () => {
    change(/( +)ports: \{ wan/, '$1sysctl: { net.ipv4.ip_forwart: 1 }\n$1ports: { wan')
    const { exit, out } = await orion('net', 'plan')
    assert.equal(exit, 4, out)
    assert.match(out, /ip_forward/)
    const applied = await orion('net', 'apply', '--yes', '--json')
    assert.equal(applied.exit, 4)
    assert.ok((JSON.parse(applied.out) as Doc).plan.steps.some(({ problem }) => problem?.code === 'E_HOST_FACTS'))
    restore()
    assert.equal((await orion('net', 'plan')).exit, 0)
  })

  it('a port that the lab was not made with: refused as on a real host', async () => {
    change('wan: eno1', 'wan: eno9')
    const { exit, out } = await orion('net', 'plan')
    assert.equal(exit, 4, out)
    assert.match(out.replace(/\s+/g, ' '), /r730 has no port "eno9"/)
    restore()
    assert.equal((await orion('net', 'plan')).exit, 0)
  })

  it('refuses what is no node, no duration, no change', async () => {
    for (const [args, says] of [
      [['plan', '--node', 'r740'], /no node named r740[\s\S]*r730/],
      [['show', '--node', 'r740'], /no node named r740/],
      [['undo', 'r740'], /no node named r740/],
      [['undo', 'r730', '--to', 'nonsense', '--yes'], /remembers no change nonsense/],
      [['apply', '--confirm-within', '5s'], /from 10s to 1h/],
    ] as const) {
      const { exit, err } = await orion('net', ...args)
      assert.equal(exit, 2, args.join(' '))
      assert.match(err, says)
      assert.doesNotMatch(err, /^ +at .+:\d+:\d+\)?$/m, 'no stack trace')
    }
  })
})
