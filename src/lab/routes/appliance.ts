// /nodes/{node}/aplinfo: the index of container templates, and fetching one of them.

import { appliances } from '../appliance.ts'
import { download } from '../download.ts'
import { labDigest } from '../mirror.ts'
import { failure, invalid } from '../refusal.ts'
import type { Call, Routes } from '../route.ts'
import { startTask } from '../tasks.ts'
import { contentTypes, findVolume, getStorage } from '../volume.ts'

const SITE = 'http://download.proxmox.com/images/system'

function list(): unknown {
  return appliances.map((appliance) => {
    const { template, os, version, headline } = appliance
    const location = `${SITE}/${template}`
    return {
      template,
      type: 'lxc',
      package: appliance.package,
      os,
      version,
      headline,
      section: 'system',
      source: SITE,
      location,
      architecture: 'amd64',
      maintainer: 'Proxmox Support Team <support@proxmox.com>',
      infopage: 'https://pve.proxmox.com/wiki/Linux_Container',
      sha512sum: labDigest(location, 'sha512'),
      description: headline,
    }
  })
}

function fetchTemplate(call: Call): unknown {
  const { params, ids, world, who } = call
  const node = String(ids.node)
  const template = String(params.template)
  const known = appliances.find((appliance) => appliance.template === template)
  if (!known) throw invalid({ template: 'no such template' })
  const storage = getStorage(world, node, String(params.storage))
  if (!contentTypes(storage).includes('vztmpl')) {
    throw failure(`storage '${storage.name}' does not support templates`)
  }
  const url = `${SITE}/${template}`
  const volid = `${storage.name}:vztmpl/${template}`
  if (findVolume(world, node, volid)) {
    // The index knows the digest, so a template that is there is simply right.
    return startTask(world, { node, type: 'download', id: template, who }, async (job) => {
      job.log('OK, got correct file already, no need to download')
    })
  }
  const checksum = { algorithm: 'sha512', wanted: labDigest(url, 'sha512') }
  return download(call, { node, storage, content: 'vztmpl', filename: template, url, checksum })
}

export const applianceRoutes: Routes = {
  'GET /nodes/{node}/aplinfo': list,
  'POST /nodes/{node}/aplinfo': fetchTemplate,
}
