import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { coreFolders } from '../../sim/board/core-sources.ts'
import { packageRoot } from '../../src/core/package-root.ts'

const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

it('packs what the README refers to, the Verilog, the network and the harness of the benchmark', () => {
  const list = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: packageRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ files }] = JSON.parse(list) as [{ files: { path: string }[] }]
  const packed = new Set(files.map(({ path }) => path))
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')
  const linked = [...readme.matchAll(/\]\(([^):#]+)\)/g)].map(([, path]) => path!)
  const verilog = coreFolders.flatMap((folder) =>
    readdirSync(join(packageRoot, 'hdl', folder)).map((name) => `hdl/${folder}/${name}`),
  )
  const others = ['models/recoil-mlp.onnx', 'test/hdl/native/core.cpp', 'LICENSE']
  expect(linked.length).toBeGreaterThan(4)
  expect([...linked, ...verilog, ...others].filter((path) => !packed.has(path))).toEqual([])
})

it('declares its types without packages that users may lack, and builds no source maps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-build-'))
  try {
    const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc')
    const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', folder]
    execFileSync(process.execPath, [compiler, ...options], { cwd: packageRoot, stdio: 'pipe' })
    const built = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    expect(built.filter((name) => name.endsWith('.map'))).toEqual([])
    const declarations = built.filter((name) => name.endsWith('.d.ts'))
    expect(declarations.length).toBeGreaterThan(50)
    const missing = declarations.flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8').replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
      return [...text.matchAll(/(?:\bfrom |\bimport\(?)\s*['"]([^'".][^'"]*)['"]/g)]
        .map(([, module]) => /^(?:@[^/]+\/)?[^/]+/.exec(module!)![0])
        .filter((module) => !isBuiltin(module) && !(module in manifest.dependencies))
        .map((module) => `${name}: ${module}`)
    })
    expect(missing).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
