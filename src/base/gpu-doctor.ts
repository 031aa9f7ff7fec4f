// orion gpu doctor: every node is asked at once, and one that does not answer is told like everything else.
import type { DoctorLines } from '../console/gpu-doctor.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { show } from './talk.ts'

export interface DoctorWish extends SiteFlags {
  readonly node?: readonly string[] | undefined
  readonly all: boolean
  /** Which nodes, where none is named (parts/gpu/doctor.ts). */
  readonly nodes: (site: Site) => readonly string[]
  readonly examine: (site: Site, outside: Outside, node: string) => Promise<DoctorLines>
}

/** Exit 3 where a check fails, 1 where a node could not be looked at. Errors: E_USAGE for an unknown node. */
export async function showDoctor({ session, json }: Talk, wish: DoctorWish): Promise<Result> {
  const { site, outside } = session
  refuseUnknownNodes(site, wish.node)
  const names = [...new Set(wish.node ?? wish.nodes(site))]
  const nodes = await Promise.all(names.map((name) => lookAt(name, wish, { site, outside })))
  await show({ json }, async (look) =>
    (await import('../console/gpu-doctor.ts')).renderDoctor(nodes, { ...look, all: wish.all }),
  )
  const isSilent = nodes.some(({ problem }) => problem !== undefined)
  const isBad = nodes.some(({ checks }) => checks.some(({ state }) => state === 'fail'))
  return { exit: isSilent ? EXIT.failed : isBad ? EXIT.differences : EXIT.ok, document: { site: site.name, nodes } }
}

interface Ways {
  readonly site: Site
  readonly outside: Outside
}

async function lookAt(name: string, wish: DoctorWish, { site, outside }: Ways): Promise<DoctorLines> {
  const complete = (text: string) => completeHint(text, wish)
  try {
    const page = await wish.examine(site, outside, name)
    const checks = page.checks.map(({ todo, ...check }) =>
      todo === undefined ? check : { ...check, todo: complete(todo) },
    )
    return { ...page, checks }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    const { message, suggestions } = error
    const none = { machine: [], devices: [], checks: [], groups: [] }
    return { node: name, ...none, problem: { message, suggestions: suggestions.map(complete) } }
  }
}
