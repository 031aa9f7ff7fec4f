// GoBGP drops all policy where one name is undefined: whatever is taken out of a model must be noticed before it is written.
import assert from 'node:assert/strict'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { getEdgeModel, getShadowModel, type PeerFacts } from '../../../src/parts/bgp/gobgp-edge.ts'
import { lintGobgp } from '../../../src/parts/bgp/gobgp-lint.ts'
import type { GobgpModel, Statement } from '../../../src/parts/bgp/gobgp-model.ts'
import { bgpSite, FULL, routerIn, withBird } from './bird-site.ts'

const site = bgpSite(FULL)
const bird = getBirdModel(site, routerIn(site), withBird('2.17.5'), { edge: 'gobgp' })
assert.ok(bird)
const facts: PeerFacts = {
  registered: () => [{ prefix: '1.1.1.0/24', min: 24, max: 24 }],
  password: () => 'secret',
  isDrained: (name) => name === 'upstream',
}
const without = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, index) => index !== at)

/** Every model with one definition less. */
function* poorer(model: GobgpModel): Generator<readonly [string, GobgpModel]> {
  for (const [at, { name }] of model.prefixSets.entries())
    yield [name, { ...model, prefixSets: without(model.prefixSets, at) }]
  for (const [kind, list] of Object.entries(model.sets))
    for (const [at, { name }] of list.entries())
      yield [name, { ...model, sets: { ...model.sets, [kind]: without(list, at) } }]
  for (const [at, { name }] of model.policies.entries())
    yield [name, { ...model, policies: without(model.policies, at) }]
}

describe('lintGobgp', () => {
  for (const [what, model] of [
    ['the edge', getEdgeModel(bird, facts)],
    ['the shadow', getShadowModel(bird, facts)],
  ] as const) {
    it(`has nothing to say of ${what}`, () => assert.deepEqual(lintGobgp(model), []))

    it(`notices each definition of ${what} that is used and not there`, () => {
      const names = [...poorer(model)].map(([name]) => name)
      const used = JSON.stringify([model.policies, model.importPolicies, model.exportPolicies])
      for (const [name, less] of poorer(model))
        if (used.includes(`"${name}"`)) assert.notDeepEqual(lintGobgp(less), [], `${name} is missing`)
      assert.ok(names.length > 30)
    })
  }

  const model = getEdgeModel(bird, facts)
  const statement = (part: Partial<Statement>): GobgpModel => ({
    ...model,
    policies: model.policies.map((policy) => ({
      ...policy,
      statements: [...policy.statements, { name: `x-${policy.name}`, ...part }],
    })),
  })
  const wrong: readonly (readonly [string, GobgpModel])[] = [
    [
      'an empty set of neighbors, which matches all',
      { ...model, sets: { ...model.sets, neighbor: [...model.sets.neighbor, { name: 'none', members: [] }] } },
    ],
    [
      'two families in one set',
      {
        ...model,
        prefixSets: [
          ...model.prefixSets,
          {
            name: 'x',
            prefixes: [
              { prefix: '::/0', min: 0, max: 1 },
              { prefix: '0.0.0.0/0', min: 0, max: 1 },
            ],
          },
        ],
      },
    ],
    [
      'lengths that cannot be',
      {
        ...model,
        prefixSets: [...model.prefixSets, { name: 'x', prefixes: [{ prefix: '10.0.0.0/8', min: 9, max: 33 }] }],
      },
    ],
    [
      'a pattern that is none',
      {
        ...model,
        sets: { ...model.sets, 'as-path': [...model.sets['as-path'], { name: 'x', members: ['_[64496-65551]_'] }] },
      },
    ],
    ['two statements of one name', statement({ name: 'scrub' })],
    ['adding and removing at once', statement({ addLarge: ['1:2:3'], removeLarge: ['^1:.*'] })],
    ['a direction without policy', { ...model, exportPolicies: [] }],
    [
      'a neighbor that no statement is about',
      {
        ...model,
        sets: {
          ...model.sets,
          neighbor: model.sets.neighbor
            .map((set) => ({ ...set, members: without(set.members, set.members.indexOf('198.18.7.1')) }))
            .filter(({ members }) => members.length > 0),
        },
      },
    ],
  ]
  for (const [what, bad] of wrong)
    it(`refuses ${what}, and writes no text of it`, () => {
      assert.notDeepEqual(lintGobgp(bad), [])
      assert.throws(() => getGobgpConf(bad), /not sound/)
    })
})
