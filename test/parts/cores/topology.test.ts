import assert from 'node:assert/strict'
import { parseTopology } from '../../../src/parts/cores/topology.ts'
import { formatCpuset } from '../../../src/site/rules/cpuset.ts'
import { DUAL, HYBRID, OFFLINE, PLAIN, RYZEN, SINGLE } from './topologies.ts'

const shown = (text: string) =>
  parseTopology(text).map(({ cpus, node, kind }) => `${formatCpuset(cpus)}@${node}${kind === 'efficiency' ? 'e' : ''}`)

describe('topology', () => {
  it('puts siblings together, however they are numbered', () => {
    assert.deepEqual(shown(RYZEN).slice(0, 2), ['0,16@0', '1,17@0'])
    assert.equal(shown(RYZEN).length, 16)
    assert.deepEqual(shown(DUAL).slice(0, 3), ['0,24@0', '1,25@1', '2,26@0'])
    assert.equal(shown(DUAL).length, 24)
  })

  it('tells performance cores from efficient ones', () => {
    assert.deepEqual(shown(HYBRID).slice(6, 10), ['12-13@0', '14-15@0', '16@0e', '17@0e'])
    assert.equal(shown(HYBRID).length, 24)
  })

  it('leaves out what is offline, also one thread of a core', () => {
    assert.deepEqual(shown(OFFLINE), ['0,8@0', '1,9@0', '2,10@0', '4,12@0', '5@0', '6,14@0', '7,15@0'])
  })

  it('reads one core, cores without SMT, a node without NUMA, and nothing from nothing', () => {
    assert.deepEqual(shown(SINGLE), ['0@0'])
    assert.equal(shown(PLAIN).length, 8)
    assert.deepEqual(shown('cpu 0 1 0 0 -1\n'), ['0@0'])
    assert.deepEqual(shown('noise\ncpu x 1 0 0 0\n'), [])
  })
})
