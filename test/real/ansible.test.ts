// Debian's ansible with community.general's modules for Proxmox VE works on the lab, and changes nothing the second time.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { needs } from '../setup.ts'
import { type Ended, run } from './program.ts'
import { clientEnvironment, NODE, type Rehearsal, startRehearsal } from './rehearsal.ts'

const PLAYBOOK = fileURLToPath(new URL('playbook.yaml', import.meta.url))

/** A template of the appliance index that is not on the node yet. */
const DOWNLOADED = 'local:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst'

describe('ansible with community.general', function () {
  this.timeout(180_000)
  let lab: Rehearsal
  before(async function () {
    await needs(this, ['ansible'])
    lab = await startRehearsal()
  })
  after(() => lab?.close())

  /** `ok=8 changed=7 …` of the recap, as numbers. */
  function recap({ code, stdout, stderr }: Ended): Record<string, number> {
    assert.equal(code, 0, stdout + stderr)
    const line = /^localhost\s+: (.+)$/m.exec(stdout)?.[1] ?? ''
    return Object.fromEntries(Array.from(line.matchAll(/(\w+)=(\d+)/g), ([, name, count]) => [name, Number(count)]))
  }

  const play = () =>
    run('/usr/bin/ansible-playbook', ['--inventory', 'localhost,', PLAYBOOK], {
      env: {
        ...clientEnvironment(lab),
        LAB_TEMPLATE: DOWNLOADED,
        ANSIBLE_LOCALHOST_WARNING: 'False',
        ANSIBLE_HOME: lab.dir,
        ANSIBLE_LOCAL_TEMP: lab.dir,
      },
      limitMs: 170_000,
    })

  it('makes everything, and changes nothing the second time', async () => {
    const first = recap(await play())
    assert.deepEqual([first.failed, first.unreachable, first.changed], [0, 0, first.ok])
    const vm = (await lab.get(`/nodes/${NODE}/qemu/911/config`)) as Record<string, unknown>
    assert.deepEqual([vm.name, vm.cores, vm.balloon, vm.onboot, vm.ciuser], ['spider', 2, 512, 1, 'admin'])
    assert.equal(vm.net0, 'virtio=BC:24:11:00:09:11,bridge=vmbr0,firewall=1')
    assert.equal(vm.net1, 'virtio=BC:24:11:00:09:12,bridge=vmbr1')
    assert.match(String(vm.scsi1), /^local-zfs:vm-911-disk-\d,size=4G$/)
    assert.match(decodeURIComponent(String(vm.sshkeys)), /^ssh-ed25519 \S+ nobody@nowhere$/)
    assert.deepEqual(String(vm.tags).split(';').sort(), ['ansible', 'web'])
    const ct = (await lab.get(`/nodes/${NODE}/lxc/912/config`)) as Record<string, unknown>
    assert.deepEqual([ct.hostname, ct.memory, ct.unprivileged, ct.features], ['beetle', 512, 1, 'nesting=1'])
    const guests = (await lab.get('/cluster/resources?type=vm')) as { vmid: number; status: string }[]
    const running = guests.filter(({ status }) => status === 'running').map(({ vmid }) => vmid)
    assert.deepEqual(running.sort(), [911, 912])
    const second = recap(await play())
    assert.deepEqual([second.failed, second.changed, second.ok], [0, 0, first.ok])
  })
})
