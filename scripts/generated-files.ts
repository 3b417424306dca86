import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { classifierFolder, recoilVerilog } from '../models/recoil-hardware.ts'
import { registerMemoryVerilog } from '../src/board/register-memory-verilog.ts'
import { registerFileVerilog, registerTable } from '../src/board/register-verilog.ts'
import { packageRoot } from '../src/core/package-root.ts'
import { programVerilog } from '../src/gateware/cluster-program/program-verilog.ts'
import { linkProgramVerilog } from '../src/gateware/link-program/verilog.ts'
import { log2TableVerilog } from '../src/trigger/log2-verilog.ts'
import { errorTable } from './error-table.ts'

const classifier = join(packageRoot, 'models', 'recoil-mlp.onnx')

/** Every committed file that is made from TypeScript: path and how to make it. A test compares them. */
export const generatedFiles: ReadonlyMap<string, () => string> = new Map([
  ['hdl/trigger/register_file.sv', registerFileVerilog],
  ['hdl/trigger/log2_table.sv', log2TableVerilog],
  ['hdl/link/link_program.sv', linkProgramVerilog],
  ['hdl/macro/register_memory.sv', registerMemoryVerilog],
  ['hdl/macro/cluster_program.sv', () => programVerilog(readFileSync(classifier))],
  ['docs/registers.md', registerTable],
  ['docs/errors.md', errorTable],
])

/** Folders that hold generated files only: path and how to make all of them, by name. */
export const generatedFolders: ReadonlyMap<string, () => Promise<ReadonlyMap<string, string>>> = new Map([
  [classifierFolder, async () => recoilVerilog(await readFile(classifier))],
])
