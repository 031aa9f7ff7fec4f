// orion bootstrap init as a new user meets it: typed at a terminal, with wrong turns, left and gone on with, and ORION built at the end.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadSite } from '../../src/site/load.ts'
import { needs } from '../setup.ts'
import { newOperator, type Operator } from './orion.ts'
import { openPane, type Pane } from './pane.ts'

/** The last question that stands on the screen: `? ` begins it, and answered ones begin with a tick. */
const asks = (question: string): RegExp =>
  new RegExp(String.raw`^\? ${question.replace(/[.?()[\]]/g, '\\$&')}(?![\s\S]*^[?✔] )`, 'm')

describe('orion bootstrap init at a terminal', function () {
  this.timeout(400_000)
  let operator: Operator
  let pane: Pane
  before(async function () {
    await needs(this, ['tmux'])
    operator = newOperator()
    pane = await openPane(operator.home, operator.env)
  })
  after(async () => {
    await pane?.close()
    operator?.leave()
  })

  const answer = async (question: string, ...keys: string[]) => {
    await pane.until(asks(question))
    await pane.press(...keys, 'Enter')
  }
  // Numbered, because the screen of the one before stands until the shell has cleared it.
  let runs = 0
  const run = async (command: string) => pane.press(`clear; ${command}; echo "end ${++runs}: exit $?"`, 'Enter')
  const ended = (ms?: number) => pane.until(new RegExp(String.raw`^end ${runs}: exit \d+`, 'm'), ms)

  it('takes a wrong turn, goes back, and is told what cannot be', async () => {
    await run('orion bootstrap init --lab')
    await answer('What do you want to begin with?', 'Down')
    await pane.until(asks('Where does genesis answer?'))
    await pane.press('Escape')
    await answer('What do you want to begin with?', 'Up')
    await answer('Where does r730 answer?', 'not an address')
    await pane.until(/! "not an address" is not an address or a host name[\s\S]* > not an address/)
    await pane.press('C-u')
    await pane.until(/ > \(192\.168\.1\.10\)/)
    await pane.press('Enter')
    await pane.until(/✔ Where does r730 answer\? {2}192\.168\.1\.10$/m)
    await answer('Read r730 in the lab?')
    await pane.until(/✔ Read r730 in the lab\? {2}yes\n {2}Reading …\n {2}r730: Proxmox VE 9\.\d.*28 cores.*384 GiB/s)
    await answer('What is the site called?')
    await answer('DNS domain of nodes and guests?')
    await pane.until(asks('Time zone?'))
    await pane.press('vienna')
    await pane.until(/❯ Europe\/Vienna/)
    await pane.press('Enter')
    await answer('Which SSH keys may log in to new guests?')
    await answer("Where do the nodes take Proxmox's packages from?")
    await answer('The networks?')
  })

  it('refuses one port for two networks, and goes back to where the mistake was made', async () => {
    await pane.until(/eno4 +link 1G +02:[\da-f:]+ +in vmbr0/)
    await answer('Which port of r730 carries wan (vmbr0)?', 'Down', 'Down', 'Down')
    await answer('Which port of r730 carries lan (vmbr1)?')
    await answer('Which port of r730 carries guest (vmbr2)?')
    // Another one is offered, as eno4 was given away; whoever insists is told.
    await answer('Which port of r730 carries management (vmbr3)?', 'Down', 'Down', 'Down')
    await pane.until(/! .*eno4/)
    for (const network of ['guest', 'lan', 'wan']) {
      await pane.press('Escape')
      await pane.until(asks(`Which port of r730 carries ${network} (`))
    }
    await pane.press('Up', 'Up', 'Up', 'Enter')
    for (const network of ['lan', 'guest', 'management']) await answer(`Which port of r730 carries ${network} (`)
    await answer('Which storages does the site use?')
  })

  it('adds a guest, is left by Ctrl-C with the answers kept, and writes nothing', async () => {
    await answer('The guests?', 'Down')
    await answer('Which of these guests do you want?')
    await answer('Further guests?', 'web')
    await answer('Which of them do you want to change?')
    await answer('web: virtual machine or container?')
    await answer('web: which image does its disk begin as?')
    await answer('web: which VMID?')
    await answer('web: how many cores?')
    await answer('web: how much memory?', '9000G')
    await pane.until(/! 9000G is more than the 384G of r730/)
    await pane.press('C-u', '4G', 'Enter')
    await answer('web: how large is its disk?')
    await answer('web: in which networks is it?', 'Space', 'Down', 'Space')
    await answer('web: its address in lan?')
    await pane.until(asks('The firewall?'))
    await pane.press('C-c')
    const screen = await ended()
    assert.match(screen, /exit 130/)
    assert.match(screen, /stopped; \d+ answers are kept, and nothing was written/)
    assert.ok(!existsSync(join(operator.home, 'orion.yaml')))
    const folder = join(operator.home, 'state', 'orion', '.init')
    const [draft = ''] = readdirSync(folder).filter((name) => name.startsWith('draft-'))
    assert.equal(statSync(join(folder, draft)).mode & 0o777, 0o600)
  })

  it('goes on there, shows the plan, and the file is good', async () => {
    await run('orion bootstrap init --lab')
    await answer('Go on where you were')
    await answer('The firewall?')
    await answer('BGP with your provider?')
    await answer('The mesh?')
    await answer('Site orion: 1 node, 6 networks, 18 guests.', 'Down', 'Down')
    await pane.until(asks('Which answer?'))
    await pane.press('domain')
    await pane.until(/❯ domain/)
    await pane.press('Enter')
    await answer('DNS domain of nodes and guests?', 'lab.example.net')
    await answer('Site orion: 1 node, 6 networks, 18 guests.')
    const screen = await ended()
    assert.match(screen, /exit 0/)
    assert.match(screen, /Plan: \d+ to create[\s\S]*Make it so: .*bootstrap --lab[\s\S]*Written: .*orion\.yaml/)
    const file = join(operator.home, 'orion.yaml')
    const site = await loadSite(file, {
      standInKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b t',
    })
    assert.deepEqual([site.timezone, site.domain], ['Europe/Vienna', 'lab.example.net'])
    assert.deepEqual(site.nodes[0]?.ports, { wan: 'eno1', lan: 'eno2', guest: 'eno3', management: 'eno4' })
    const web = site.guests.find(({ name }) => name === 'web')
    assert.deepEqual([web?.vmid, web?.memoryMib, web?.nics[0]?.network], [100, 4096, 'lan'])
    assert.match(readFileSync(file, 'utf8'), /^# yaml-language-server: \$schema=/)
    assert.ok(!readdirSync(join(operator.home, 'state', 'orion', '.init')).some((name) => name.startsWith('draft-')))
  })

  it('and ORION is built by what it said to type', async () => {
    await run('orion bootstrap --lab --yes')
    const screen = await ended(200_000)
    assert.match(screen, /Verify: \d+ ok[\s\S]*exit 0/)
    await run('orion bootstrap plan --lab')
    assert.match(await ended(100_000), /0 to create, 0 to change, 0 to remove[\s\S]*exit 0/)
  })
})
