// A node for tests that says nothing of its own; rows add only what they are about. And one declaration on a fake host.
import type { Outside } from '../../../src/resource.ts'
import { type FileSet, fileSet } from '../../../src/resources/file-set.ts'
import { type Facts, wishOf } from '../../../src/resources/host-facts.ts'
import type { Node, Site } from '../../../src/site/site.ts'
import { type FakeHostOptions, fakeHost } from '../../resources/fake-host.ts'
import { testSite } from '../../resources/test-site.ts'

export function testNode(changes: Partial<Node> = {}): Node {
  const [node] = testSite().nodes
  if (node === undefined) throw new Error('the test site has no node')
  return { ...node, ...changes }
}

export function siteWith(nodes: readonly Node[], changes: Partial<Site> = {}): Site {
  return testSite({ nodes, ...changes })
}

/** A file set on a fake host that has what its topic reads. */
export function onHost(set: FileSet | undefined, facts: Facts, options: FakeHostOptions = {}) {
  if (set === undefined) throw new Error('nothing is declared')
  const fake = fakeHost(options)
  const resource = fileSet({ ...set, wish: wishOf([facts]) })
  const look = async (outside: Outside = fake.outside) => {
    const have = await resource.observe(outside)
    return resource.diff(have)
  }
  const apply = async () => {
    const have = await resource.observe(fake.outside)
    if (have === undefined) await resource.create(fake.outside, fake.note)
    else await resource.update(fake.outside, have, fake.note)
  }
  /** Text of a file, or undefined. */
  const text = (path: string) => fake.files.get(path)?.text
  return { fake, resource, look, apply, text }
}

export const WISH = { files: [] }
