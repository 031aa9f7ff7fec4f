// Fetching a file into a storage: nothing is fetched, but size, digest and every refusal are as if it had been.

import { labDigest } from './mirror.ts'
import { GIB } from './property.ts'
import { failure } from './refusal.ts'
import type { Call } from './route.ts'
import { startTask } from './tasks.ts'
import { addVolume, findVolume, formatOf } from './volume.ts'
import type { StorageState } from './world.ts'

const DOWNLOAD_MS = 600
const MIB = 1024 ** 2
/** What a file of each kind takes, and what an image holds once it is unpacked. */
const FILE_BYTES: Readonly<Record<string, number>> = { iso: 2 * GIB, import: 600 * MIB, vztmpl: 130 * MIB }
const UNPACKED_BYTES = 3 * GIB

export interface Download {
  readonly node: string
  readonly storage: StorageState
  readonly content: string
  readonly filename: string
  readonly url: string
  readonly checksum?: { readonly algorithm: string; readonly wanted: string } | undefined
}

/** Starts the task; its UPID. A file that is there already is only good if its checksum can be compared and agrees. */
export function download(call: Call, wanted: Download): string {
  const { world, who } = call
  const { node, storage, content, filename, url, checksum } = wanted
  const volid = `${storage.name}:${content}/${filename}`
  return startTask(world, { node, type: 'download', id: filename.replace(/[^\w.-]/g, '_'), who }, async (job) => {
    const there = findVolume(world, node, volid)
    if (there) {
      if (!checksum) throw failure(`refusing to override existing file '${filename}'`)
      const got = labDigest(there.source ?? volid, checksum.algorithm)
      if (got !== checksum.wanted.toLowerCase()) {
        throw failure(`mismatch (got ${got} != expect ${checksum.wanted}), aborting`)
      }
      job.log('calculating checksum of existing file...OK, got correct file already, no need to download')
      return
    }
    job.log(`downloading ${url} to ${filename}`)
    await job.take(DOWNLOAD_MS)
    if (checksum) {
      const got = labDigest(url, checksum.algorithm)
      if (got !== checksum.wanted.toLowerCase()) {
        throw failure(`checksum mismatch: got '${got}' != expect '${checksum.wanted}'`)
      }
      job.log('calculating checksum...OK, checksum verified')
    }
    if (findVolume(world, node, volid)) throw failure(`refusing to override existing file '${filename}'`)
    const sizeBytes = FILE_BYTES[content] ?? GIB
    const unpacked = content === 'import' ? { virtualBytes: UNPACKED_BYTES } : {}
    addVolume(world, storage, { volid, node, content, sizeBytes, format: formatOf(volid), source: url, ...unpacked })
    job.log(`download of '${url}' to '${filename}' finished`)
  })
}
