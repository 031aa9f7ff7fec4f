// Looks an image up on its storage.
import type { Cluster } from '../pve/pve.ts'
import type { Image, Site } from '../site/site.ts'
import { newestTemplate } from './appliance.ts'
import { contentToList, imageFile, imagePlace } from './image-place.ts'
import { volumes } from './shared-reads.ts'

/** The volume of a fetched image, or undefined. A template is the newest that fits of those on the storage. */
export async function findImage(
  site: Site,
  wanted: Image,
  node: string,
  cluster: Cluster,
): Promise<string | undefined> {
  if (wanted.kind === 'volume') return wanted.volume
  if (wanted.kind === 'iso') return wanted.iso
  const { storage, content } = imagePlace(site, wanted, node)
  const found = await volumes(cluster, node, storage.name, contentToList(site, storage.name, node))
  const folder = `${storage.name}:${content}/`
  const here = found.filter(({ volid }) => volid.startsWith(folder))
  const files = new Map(here.map(({ volid }) => [volid.slice(folder.length), volid]))
  const file = wanted.kind === 'url' ? imageFile(site, wanted) : newestTemplate(wanted.template, [...files.keys()])
  return file === undefined ? undefined : files.get(file)
}
