// Whole files: golden texts that Proxmox's GUI reads and would write back unchanged.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { merge } from '../../../src/parts/net/interfaces-merge.ts'
import { wantedOf } from '../../../src/parts/net/interfaces-wanted.ts'
import type { Node } from '../../../src/site/site.ts'
import { complaints, readBack, writeBack } from './proxmox-dialect.ts'
import { BONDS, IPV6, realNode, VLANS } from './wanted-nodes.ts'

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

const NODES: Readonly<Record<string, () => Node | Promise<Node>>> = {
  orion: () => realNode('orion', 'r730'),
  hive: () => realNode('hive', 'genesis'),
  vlans: () => VLANS,
  bonds: () => BONDS,
  ipv6: () => IPV6,
}

describe('parts/net: whole files', () => {
  for (const [name, node] of Object.entries(NODES)) {
    describe(name, () => {
      let text: string
      before(async () => {
        text = merge(
          undefined,
          wantedOf(await node(), (port) => port),
        )
        if (process.env.GOLDEN && !existsSync(golden(name))) writeFileSync(golden(name), text)
      })

      it('is as the golden file', () => assert.equal(text, readFileSync(golden(name), 'utf8')))
      it('is the same when merged again', async () => {
        assert.equal(
          merge(
            text,
            wantedOf(await node(), (port) => port),
          ),
          text,
        )
      })
      it('is read by Proxmox without a loss or a complaint', () => {
        const net = readBack(text)
        assert.deepEqual(net.lost, [])
        assert.deepEqual(complaints(net), [])
        assert.deepEqual(
          Object.entries(net.shown).filter(([, { type }]) => type === 'unknown'),
          [],
        )
        assert.deepEqual(
          Object.entries(net.shown).flatMap(([, { extra }]) => Object.keys(extra)),
          [],
        )
      })
      it('is written back by Proxmox byte for byte', () => assert.equal(writeBack(readBack(text)), text))
    })
  }
})
