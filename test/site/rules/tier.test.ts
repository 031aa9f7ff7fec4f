// The tier of a cluster fits its hardware.
import assert from 'node:assert/strict'
import { tiers } from '../../../src/site/rules/tier.ts'
import type { Cluster, Node, Site } from '../../../src/site/site.ts'
import { cluster, node, site, told } from '../site-builder.ts'

const of = (tier: NonNullable<Cluster['tier']>, ...nodes: NonNullable<Node['hardware']>[]): Partial<Site> => ({
  clusters: [cluster('c', { tier })],
  nodes: nodes.map((hardware, index) => node(`n${index}`, { cluster: 'c', hardware })),
})
const gib = (size: number, power?: 'single' | 'dual') => ({ memoryMib: size * 1024, ...(power && { power }) })

describe('tiers', () => {
  const rows: [string, Partial<Site>, string[]][] = [
    ['command: 64G and dual power', of('command', gib(64, 'dual')), []],
    ['the best node counts', of('command', gib(16), gib(384, 'dual')), []],
    [
      'command: too little',
      of('command', gib(63, 'dual')),
      ['warning clusters.c.tier: command wants a node with 64G of memory; c has 63G at most'],
    ],
    [
      'command: the power is on another node',
      of('command', gib(64), gib(16, 'dual')),
      ['warning clusters.c.tier: command wants dual power on a node with 64G of memory; c has none (power: dual)'],
    ],
    ['workhorse: 32G', of('workhorse', gib(32)), []],
    [
      'workhorse: too little',
      of('workhorse', gib(31)),
      ['warning clusters.c.tier: workhorse wants a node with 32G of memory; c has 31G at most'],
    ],
    ['edge: 16G', of('edge', gib(16)), []],
    [
      'edge: too little',
      of('edge', gib(8)),
      ['warning clusters.c.tier: edge wants a node with 16G of memory; c has 8G at most'],
    ],
    ['what is not said is not judged', of('command', {}), []],
  ]

  for (const [title, parts, want] of rows) it(title, () => assert.deepEqual(told(tiers(site(parts))), want))
})
