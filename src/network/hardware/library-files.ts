import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../core/package-root.ts'
import type { HardwareModule } from './hardware-module.ts'

/** Every SystemVerilog file that a module needs, by name: the generated ones and those of hdl/network. */
export async function allFiles(module: HardwareModule): Promise<Map<string, string>> {
  const files = new Map(module.files)
  for (const file of module.library)
    files.set(file, await readFile(join(packageRoot, 'hdl', 'network', file), 'utf8'))
  return files
}
