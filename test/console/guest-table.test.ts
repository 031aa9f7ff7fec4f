// The table of guests: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import { type GuestLine, renderGuests } from '../../src/console/guest-table.ts'
import { page, plain } from './plain.ts'

const guest: GuestLine = {
  name: 'router',
  vmid: 200,
  kind: 'vm',
  node: 'n1',
  status: 'running',
  cores: 4,
  memoryMib: 2048,
  address: '192.0.2.1',
  state: 'ours',
}

describe('console/guest-table', () => {
  it('is aligned', () => {
    const rows: GuestLine[] = [
      guest,
      { ...guest, vmid: 9, name: 'a-longer-name', kind: 'ct', status: 'stopped', memoryMib: 512, cores: 16 },
      { ...guest, vmid: 1000, name: 'db', status: '-', state: 'absent', memoryMib: 2560 },
      { ...guest, vmid: 201, name: 'dns', status: '-', state: 'foreign' },
    ]
    const golden = page(`
      VMID  NAME           KIND  NODE  STATUS   CORES   MEMORY  ADDRESS
       200  router         vm    n1    running      4    2 GiB  192.0.2.1
         9  a-longer-name  ct    n1    stopped     16  512 MiB  192.0.2.1
      1000  db             vm    n1    absent       4  2.5 GiB  192.0.2.1
       201  dns            vm    n1    foreign      4    2 GiB  192.0.2.1
    `)
    assert.equal(renderGuests(rows, plain), golden)
  })

  it('without guests it says so', () => assert.equal(renderGuests([], plain), 'No guests.'))
})
