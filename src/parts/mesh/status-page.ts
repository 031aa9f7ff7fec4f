// The mesh as `orion mesh status` shows it: its gateways looked at one by one, and the page that this makes at any moment.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import type { Mesh } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { type LookWish, lookAt } from './look.ts'
import type { GatewayLook } from './look-text.ts'
import { type Gateway, getMesh, type Link } from './model.ts'
import { gatewayNamed } from './names.ts'
import { type LinkRow, linkRows } from './status.ts'
import { type ClientRow, clientRemarks, clientRows } from './status-clients.ts'
import { type Remark, remarksOf } from './status-remarks.ts'
import { type WayRow, wayRows } from './status-ways.ts'

export interface StatusPage {
  readonly site: string
  /** Of this one alone. */
  readonly gateway?: string
  readonly gateways: readonly { readonly name: string; readonly address: string; readonly routes: readonly string[] }[]
  readonly links: readonly LinkRow[]
  readonly ways: readonly WayRow[]
  readonly clients: readonly ClientRow[]
  readonly remarks: readonly Remark[]
}

export interface StatusView {
  /** Gateways that are looked at: all, or one with the others of its links. */
  readonly names: readonly string[]
  /** What it sees now takes the place of what it saw before; one that does not answer is known as silent, and told. */
  look(name: string, wish: LookWish): Promise<void>
  page(): StatusPage
}

/** Errors: E_USAGE where the site has no mesh or no such gateway. `look`: those of lookAt. */
export function openStatus(site: Site, outside: Outside, name?: string): StatusView {
  const mesh = meshOf(site)
  const { gateways, links: all } = getMesh(site)
  const own = name === undefined ? undefined : gatewayNamed(site, name)
  const links = own ? own.links.map(({ link }) => link) : all
  const asked = own ? gateways.filter((one) => one === own || own.links.some(({ peer }) => peer === one)) : gateways
  const looks = new Map<string, GatewayLook | undefined>()
  const wanted = new Set(links)
  return {
    names: asked.map((gateway) => gateway.name),
    look: async (which, wish) => {
      const gateway = gatewayNamed(site, which)
      const ends = gateway.links.filter(({ link }) => wanted.has(link))
      try {
        looks.set(which, await lookAt({ site, outside }, gateway, gateways, { ...wish, ends }))
      } catch (error) {
        looks.set(which, undefined)
        throw error
      }
    },
    page: () => pageOf(site, { mesh, gateways, own, links, looks }),
  }
}

function meshOf(site: Site): Mesh {
  if (site.mesh !== undefined) return site.mesh
  throw new OrionError(`${site.name} has no mesh`, {
    code: 'E_USAGE',
    suggestions: ['a mesh is the section mesh of the site file: README.md shows one'],
  })
}

interface Parts {
  readonly mesh: Mesh
  readonly gateways: readonly Gateway[]
  readonly own: Gateway | undefined
  readonly links: readonly Link[]
  readonly looks: ReadonlyMap<string, GatewayLook | undefined>
}

function pageOf(site: Site, { mesh, gateways, own, links, looks }: Parts): StatusPage {
  const rows = linkRows(links, looks, mesh)
  const ways = wayRows(gateways, looks, mesh.routing).filter(({ from }) => own === undefined || from === own.name)
  const clients = clientRows(mesh.clients, looks).filter(({ gateway }) => own === undefined || gateway === own.name)
  return {
    site: site.name,
    ...(own ? { gateway: own.name } : {}),
    gateways: gateways.map(({ name, address, routes }) => ({ name, address, routes })),
    links: rows,
    ways,
    clients,
    remarks: [...remarksOf(mesh, links, rows, ways), ...clientRemarks(clients)],
  }
}
