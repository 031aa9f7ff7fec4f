// Builds dist/ from src/: types are stripped and checked by TypeScript, data files are copied beside the code.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}/dist`, { recursive: true, force: true })
execFileSync(process.execPath, [`${root}/node_modules/typescript7/bin/tsc`], { cwd: root, stdio: 'inherit' })
cpSync(`${root}/src/lab/pve-schema.json`, `${root}/dist/lab/pve-schema.json`)
cpSync(`${root}/src/host/scripts`, `${root}/dist/host/scripts`, { recursive: true })
