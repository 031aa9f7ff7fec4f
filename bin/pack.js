// Packs orion as tarballs that need neither npm nor Node.js where they run: dist-tarballs by oclif, with the Node.js that runs this.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = `node-v${process.versions.node}-${process.platform}-${process.arch}`
const cache = `${root}/tmp/cache/${node}`

// oclif would fetch this very version from nodejs.org: what is here already need not come from there, and packs offline.
if (!existsSync(`${cache}/node`)) {
  mkdirSync(cache, { recursive: true })
  copyFileSync(process.execPath, `${cache}/node`)
}
const oclif = [
  `${root}/node_modules/oclif/bin/run.js`,
  'pack',
  'tarballs',
  '--root',
  root,
  '--no-xz',
  '--prune-lockfiles',
]
const target = ['--targets', `${process.platform}-${process.arch}`]
execFileSync(process.execPath, [...oclif, ...target], { cwd: root, stdio: 'inherit' })
