// Every part, in the order in which a site comes into being.
import type { Part } from '../resource.ts'
import { access } from './access.ts'
import { backup } from './backup.ts'
import { bgp } from './bgp.ts'
import { cores } from './cores.ts'
import { gpu } from './gpu.ts'
import { keeper } from './keeper.ts'
import { mesh } from './mesh.ts'
import { net } from './net.ts'
import { node } from './node.ts'
import { profile } from './profile.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

export const parts: readonly Part[] = [node, access, net, storage, vm, gpu, cores, backup, keeper, profile, bgp, mesh]
