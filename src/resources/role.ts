// The role with exactly the privileges that this site needs.
import type { Cluster } from '../pve/pve.ts'
import type { Difference, Outside, Resource } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { effectivePrivileges, isOwnToken, missingRights } from './own-token.ts'
import { privilegesFor } from './privileges.ts'

export interface RoleHave {
  readonly privileges: readonly string[]
  /** What this version of Proxmox VE needs. */
  readonly want: readonly string[]
  /** Connected as orion's own token: `privileges` are the effective ones, and nothing can be changed. */
  readonly own: boolean
}

/** The role of the site on one cluster; `node` says over which node it is reached. */
export function role(site: Site, cluster: string, node: string): Resource<RoleHave> {
  const { role: name } = site.access
  // An absent role has told diff() nothing: what a plan shows is what the look at this cluster's version has found.
  let planned: readonly string[] = []
  const wantOn = async (outside: Outside) => {
    planned = privilegesFor(site, (await outside.pve.cluster(node).version()).major)
    return planned
  }
  return {
    id: `role:${cluster}/${name}`,
    title: name,
    needs: [],
    async observe(outside) {
      const target = outside.pve.cluster(node)
      const own = await isOwnToken(site, target)
      const privileges = own ? [...(await effectivePrivileges(target))] : await readRole(target, name)
      const want = await wantOn(outside)
      return privileges && { privileges, want, own }
    },
    diff: (have) => (have === undefined ? [{ field: 'privileges', want: planned.join(',') }] : diffRole(have)),
    async create(outside) {
      const privs = (await wantOn(outside)).join(',')
      await outside.pve.cluster(node).api.access.roles.$post({ roleid: name, privs })
    },
    async update(outside, have) {
      await outside.pve
        .cluster(node)
        .api.access.roles.$(name)
        .$put({ privs: have.want.join(',') })
    },
    async remove(outside) {
      await outside.pve.cluster(node).api.access.roles.$(name).$delete()
    },
  }
}

async function readRole(target: Cluster, name: string): Promise<readonly string[] | undefined> {
  const roles = await target.once('roles', () => target.api.access.roles.$get())
  const found = roles.find(({ roleid }) => roleid === name)
  return found && split(found.privs)
}

function split(privileges: string | undefined): readonly string[] {
  return (privileges ?? '').split(/[,;\s]+/).filter((one) => one !== '')
}

function diffRole({ privileges, want, own }: RoleHave): Difference[] {
  const missing = want.filter((one) => !privileges.includes(one))
  if (own) return missingRights(missing)
  const surplus = privileges.filter((one) => !want.includes(one))
  if (missing.length === 0 && surplus.length === 0) return []
  return [{ field: 'privileges', have: [...privileges].sort().join(','), want: want.join(',') }]
}
