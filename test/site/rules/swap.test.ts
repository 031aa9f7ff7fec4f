// The rules for swap.
import assert from 'node:assert/strict'
import { swaps } from '../../../src/site/rules/swap.ts'
import { node, site, told } from '../site-builder.ts'

describe('site/rules/swap', () => {
  it('no swap twice on one node', () => {
    const swap = [{ device: '/dev/sdb2' }, { file: '/swap', sizeMib: 1024 }, { device: '/dev/sdb2', priority: 3 }]
    assert.deepEqual(told(swaps(site({ nodes: [node('a', { swap }), node('b', { swap: swap.slice(0, 2) })] }))), [
      'error nodes.a.swap.2.device: /dev/sdb2 is named twice',
    ])
  })
})
