// Every part, in the order in which a site comes into being.
import type { Part } from '../resource.ts'
import { access } from './access.ts'
import { net } from './net.ts'
import { node } from './node.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

export const parts: readonly Part[] = [node, access, net, storage, vm]
