import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { classifierFolder, recoilVerilog } from '../models/recoil-hardware.ts'
import { registerFileVerilog, registerTable } from '../src/board/register-verilog.ts'
import { packageRoot } from '../src/core/package-root.ts'
import { log2TableVerilog } from '../src/trigger/log2-verilog.ts'
import { errorTable } from './error-table.ts'

/** Every committed file that is made from TypeScript: path and how to make it. A test compares them. */
export const generatedFiles: ReadonlyMap<string, () => string> = new Map([
  ['hdl/trigger/register_file.sv', registerFileVerilog],
  ['hdl/trigger/log2_table.sv', log2TableVerilog],
  ['docs/registers.md', registerTable],
  ['docs/errors.md', errorTable],
])

/** Folders that hold generated files only: path and how to make all of them, by name. */
export const generatedFolders: ReadonlyMap<string, () => Promise<ReadonlyMap<string, string>>> = new Map([
  [
    classifierFolder,
    async () => recoilVerilog(await readFile(join(packageRoot, 'models', 'recoil-mlp.onnx'))),
  ],
])
