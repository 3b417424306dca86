import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sourceFiles } from '../../src/toolchain/source-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-sources-'))
  const files = {
    'a/top.sv': 'module top; // other\n /* third */ memory m(); initial $display("third"); endmodule',
    'a/memory.sv': 'module memory; leaf l(); endmodule',
    'b/memory.sv': 'module memory; endmodule',
    'b/leaf.sv': 'module leaf;\r\nendmodule\r\n',
    'b/other.sv': 'module other; endmodule',
    'b/third.sv': 'module third; endmodule',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('finds what a top is made of, and nothing that only comments and strings name', () => {
  const found = sourceFiles('top', ['a', 'b'], folder)
  expect([...found.keys()]).toEqual(['a/memory.sv', 'a/top.sv', 'b/leaf.sv'])
  expect(found.get('b/leaf.sv')).toBe('module leaf;\nendmodule\n')
})

it('takes a module from the first folder that has it', () => {
  expect([...sourceFiles('top', ['b', 'a'], folder).keys()]).toEqual(['a/top.sv', 'b/memory.sv'])
})

it('refuses a top that is nowhere', () => {
  expect(() => sourceFiles('none', ['a'], folder)).toThrow(
    expect.objectContaining({ code: 'GG_FILE_NOT_FOUND' }),
  )
})
