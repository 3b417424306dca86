import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of hdl/ that make up gemgate_core: the datapath, the generated classifier, what that instantiates. */
export const coreFolders = ['trigger', 'classifier', 'network'] as const

/** Paths of the Verilog files in one folder, in alphabetical order. */
export function verilogFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sv'))
    .sort()
    .map((name) => join(folder, name))
}

/** Paths of everything that gemgate_core needs. */
export function coreSources(hdl: string): string[] {
  return coreFolders.flatMap((folder) => verilogFiles(join(hdl, folder)))
}
