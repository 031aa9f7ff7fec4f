// orion vm …, through the built bin.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

describe('orion vm', function () {
  this.timeout(120_000)
  let here: Rehearsal

  before(async () => {
    here = await rehearse(siteFile('orion'))
    const built = await here.orion('bootstrap', '--yes', '--json')
    assert.equal(built.exit, 0, built.err + built.out)
  })
  after(() => here?.leave())

  it('lists every guest in 80 columns', async () => {
    const { exit, out } = await here.orion('vm', 'list')
    assert.equal(exit, 0)
    for (const name of ['router', 'k3s-worker-3', 'n8n']) assert.match(out, new RegExp(`${name} .*running`))
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    const json = JSON.parse((await here.orion('vm', 'list', '--json')).out)
    assert.equal(json.guests.length, 17)
    assert.equal(json.guests[0].state, 'ours')
  })

  it('stops and starts by name; a second time there is nothing to do', async () => {
    assert.equal((await here.orion('vm', 'stop', 'redis', 'netbox', 'redis', '--yes')).exit, 0)
    const { out } = await here.orion('vm', 'list')
    assert.match(out, /redis .*stopped/)
    assert.match(out, /netbox .*stopped/)
    const again = await here.orion('vm', 'stop', 'redis', '--yes')
    assert.equal(again.exit, 0)
    assert.match(again.out, /0 to change/)
    const red = await here.orion('verify')
    assert.equal(red.exit, 3, 'a guest that shall run and does not is not green')
    assert.match(red.out, /redis/)
    assert.equal((await here.orion('vm', 'start', 'redis', 'netbox', '--yes')).exit, 0)
    assert.equal((await here.orion('verify')).exit, 0)
  })

  it('lists only what --only means, and every command that is suggested works', async () => {
    const { exit, out } = await here.orion('vm', 'list', '--only', 'k3s-*')
    assert.equal(exit, 0)
    assert.equal(out.trim().split('\n').length, 1 + 4)
    const built = await here.orion('bootstrap', '--yes', '--only', 'user:*')
    assert.equal(built.exit, 0, built.err)
    const [, next = ''] = /See it: \S+run\.js (.+)/.exec(built.out) ?? []
    const args = next.split(' ').map((word) => word.replaceAll("'", ''))
    assert.equal((await here.run(args)).exit, 0, next)
  })

  it('names guests that exist where a name is wrong', async () => {
    const wrong = await here.orion('vm', 'stop', 'k3s-worker', '--yes')
    assert.equal(wrong.exit, 2)
    assert.match(wrong.err, /k3s-worker-1/)
  })

  it('destroys only with the name, and creates anew', async () => {
    assert.equal((await here.orion('vm', 'destroy', 'redis')).exit, 2)
    assert.equal((await here.orion('vm', 'destroy', 'redis', '--confirm', 'radis')).exit, 2)
    assert.match((await here.orion('vm', 'list')).out, /redis .*running/)
    const gone = await here.orion('vm', 'destroy', 'redis', '--confirm', 'redis')
    assert.equal(gone.exit, 0, gone.err)
    assert.match((await here.orion('vm', 'list')).out, /redis .*absent/)
    assert.equal((await here.orion('vm', 'destroy', 'redis', '--confirm', 'redis')).exit, 0)
    assert.equal((await here.orion('vm', 'apply', '--yes', '--only', 'redis')).exit, 0)
    assert.match((await here.orion('vm', 'list')).out, /redis .*running/)
  })

  it('shows a guest that is no longer in the site file as an orphan', async () => {
    const file = join(here.home, 'less.yaml')
    const text = readFileSync(siteFile('orion'), 'utf8')
    writeFileSync(file, text.replace(/ {2}n8n:\n.*\n/, ''))
    const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
    assert.match((await orion('vm', 'list')).out, /1009 +n8n +ct +r730 +orphan/)
    // Alone: the router would know one name less.
    const { exit, out } = await orion('verify', '--only', 'orion')
    assert.match(out, /vm on orion\n +! no orphans\n[\s\S]*n8n \(1009 on r730, running\)/)
    assert.equal(exit, 0, 'a warning')
  })

  it('applies a change, keeps back what needs a restart, and restarts only when asked', async () => {
    const file = join(here.home, 'orion.yaml')
    const text = readFileSync(siteFile('orion'), 'utf8')
    writeFileSync(
      file,
      text
        .replace('id: 500\n    cores: 4', 'id: 500\n    cores: 6')
        .replace('disk: 100G\n    startup: 2', 'disk: 120G\n    startup: 2'),
    )
    const orion = (...args: string[]) => here.run([...args, '--site', file, '--lab-dir', here.lab])
    const applied = await orion('vm', 'apply', '--yes')
    assert.equal(applied.exit, 0, applied.err + applied.out)
    assert.match(applied.out, /cores +4 → 6/)
    const waiting = await orion('vm', 'plan')
    assert.match(waiting.out, /cores +4 → 6 +\(restart\)/)
    assert.equal(waiting.exit, 0, 'what waits is no change')
    const restarted = await orion('vm', 'apply', '--yes', '--restart')
    assert.equal(restarted.exit, 0, restarted.err + restarted.out)
    assert.doesNotMatch((await orion('vm', 'plan')).out, /cores/)
    const shrink = await here.orion('vm', 'plan')
    assert.equal(shrink.exit, 1, 'the first file wants the disk smaller again')
    assert.match(shrink.out, /netbox/)
    assert.match(shrink.out, /shrink/)
  })
})
