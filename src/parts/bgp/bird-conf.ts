// The text of bird.conf: one block for each thing, in the order in which BIRD must read them.
import { getFib, getHead, getIncludes, getKernel, getPrefixes, getRefuse, getRoutes, getRpki } from './bird-blocks.ts'
import { type Filters, getFilters } from './bird-filters.ts'
import type { BirdModel } from './bird-model.ts'
import { getPeer } from './bird-peer.ts'

/** The text of bird.conf, by what it is about. */
export interface BirdTexts {
  readonly common: string
  readonly peers: readonly (Filters & { readonly name: string; readonly protocol: string })[]
}

/** Pure. `bird -p` of 2.0.12 and newer takes it. */
export function renderBirdConf(model: BirdModel): string {
  const { common, peers } = getBirdTexts(model)
  return [common, ...peers.flatMap((peer) => [peer.import, peer.export, peer.protocol])].join('\n')
}

export function getBirdTexts(model: BirdModel): BirdTexts {
  if (model.edge === 'gobgp') return { common: getFibBlocks(model).join('\n'), peers: [] }
  const peers = model.peers.map((one) => ({
    name: one.peer.name,
    ...getFilters(model, one),
    protocol: getPeer(model, one),
  }))
  return { common: getEdgeBlocks(model).join('\n'), peers }
}

function getEdgeBlocks(model: BirdModel): readonly string[] {
  const { families } = model
  return [
    getHead(model),
    ...families.map(getPrefixes),
    ...getIncludes(model),
    getRefuse(),
    ...(model.caches.length === 0 ? [] : [getRpki(model)]),
    getRoutes(model),
    ...families.map((family) => getKernel(model, family)),
  ]
}

function getFibBlocks(model: BirdModel): readonly string[] {
  return [getHead(model), getRoutes(model), ...model.families.map((family) => getKernel(model, family)), getFib(model)]
}
