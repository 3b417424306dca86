import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { packageRoot } from '../core/package-root.ts'
import { probeGraphics } from './compare-devices.ts'
import { jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'

interface Check {
  readonly name: string
  /** What it is for. */
  readonly needed: string
  readonly works: boolean
  /** Version, or why it does not work. */
  readonly detail: string
  /** What to do where it does not work. */
  readonly remedy: string
  /** Whether gemgate's main job needs it. */
  readonly required: boolean
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('which parts work here, which not, why, and the remedy')
    .addOption(jsonOption())
    .action((options: { json: boolean }) => perform(options.json === true, (output) => doctor(output)))
}

async function doctor(output: Output): Promise<void> {
  const checks = [
    nodeVersion(),
    await loads('Yosys', 'sim: (the simulated Verilog)', '@yowasp/yosys', true),
    await loads('HDF5', 'reading and writing .h5', 'h5wasm/node', true),
    await loads('ONNX Runtime', 'onnx:cpu', 'onnxruntime-node', false),
    ...(await graphics()),
    await loads('Vega', 'plots in reports', 'vega', true),
    await loads('serialport', 'serial: boards', 'serialport', false),
    ...serialPorts(),
    await loads('koffi', 'board serve --pty, simulation with native Verilator', 'koffi', false),
    await loads('usb', 'flash without other programs', 'usb', false),
    await loads('nextpnr', 'build of iCE40 bitstreams', '@yowasp/nextpnr-ice40', false),
    await cache(),
    program('Verilator', 'the second engine of the simulator', 'verilator', ['--version']),
    program('g++', 'simulation with native Verilator', 'g++', ['--version']),
    await loads('clang', 'simulation with Verilator as WebAssembly', '@yowasp/clang', false),
    program('Icarus Verilog', 'further checks of the Verilog', 'iverilog', ['-V']),
    program('iceprog', 'flash --tool iceprog', 'iceprog', ['--help'], 'fpga-icestorm'),
    program(
      'openFPGALoader',
      'flash --tool openfpgaloader',
      'openFPGALoader',
      ['--Version'],
      'openfpgaloader',
    ),
    program('dfu-util', 'flash --tool dfu-util', 'dfu-util', ['--version']),
  ]
  for (const check of checks) {
    const mark = check.works ? 'works  ' : check.required ? 'MISSING' : 'absent '
    output.text(`${mark}  ${check.name.padEnd(16)} ${check.needed}: ${check.detail}`)
    if (!check.works) output.text(`${' '.repeat(9)}${check.remedy}`)
  }
  const broken = checks.filter((check) => check.required && !check.works)
  output.text(
    broken.length === 0
      ? 'The main job works here.'
      : `The main job does not work here: ${broken.map((check) => check.name).join(', ')}.`,
  )
  output.result({ ok: broken.length === 0, checks })
  if (broken.length > 0) process.exitCode = 1
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return {
    name: 'Node',
    needed: 'everything',
    works: major > 20 || (major === 20 && minor >= 19),
    detail: process.versions.node,
    remedy: 'Install Node 20.19 or newer.',
    required: true,
  }
}

async function loads(name: string, needed: string, module: string, required: boolean): Promise<Check> {
  const remedy = remedies[module] ?? 'Run npm ci in the checkout, or install gemgate again.'
  try {
    await import(module)
    return { name, needed, works: true, detail: module, remedy, required }
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    return { name, needed, works: false, detail, remedy, required }
  }
}

/** Packages that gemgate does without as long as nobody asks for what they are for. */
const remedies: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0',
  koffi: 'npm install koffi@3.3.4',
  usb: 'npm install usb@3.1.0',
  '@yowasp/nextpnr-ice40': 'npm install @yowasp/nextpnr-ice40@0.8.621',
}

/** The serial ports that are plugged in, and whether this user may open them. */
function serialPorts(): Check[] {
  const names = existsSync('/dev')
    ? readdirSync('/dev').flatMap((name) => (/^tty(USB|ACM)\d+$/.test(name) ? [join('/dev', name)] : []))
    : []
  return names.map((path) => {
    let works = true
    try {
      accessSync(path, constants.R_OK | constants.W_OK)
    } catch {
      works = false
    }
    return {
      name: 'serial port',
      needed: `serial:${path}`,
      works,
      detail: works ? 'this user may open it' : 'this user may not open it',
      remedy: 'sudo usermod -aG dialout $USER, then log in again (docs/boards.md)',
      required: false,
    }
  })
}

/** Really tries the shipped network on each graphics processor. */
async function graphics(): Promise<Check[]> {
  return (await probeGraphics()).map(({ address, available, reason, remedy }) => ({
    name: 'GPU',
    needed: address,
    works: available,
    detail: reason ?? 'ran the shipped network',
    remedy: remedy ?? '',
    required: false,
  }))
}

async function cache(): Promise<Check> {
  const folder = join(process.cwd(), '.cache', 'gemgate')
  const base = {
    name: 'Cache',
    needed: 'a second start of sim: without Yosys',
    remedy: `Make ${folder} writable, or run in another folder.`,
    required: false,
  }
  try {
    await mkdir(folder, { recursive: true })
    await rm(await mkdtemp(join(folder, 'doctor-')), { recursive: true })
    return { ...base, works: true, detail: folder }
  } catch (error) {
    return { ...base, works: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function program(
  name: string,
  needed: string,
  command: string,
  args: readonly string[],
  debian: string = command,
): Check {
  const run = spawnSync(command, args, { cwd: packageRoot, encoding: 'utf8' })
  const works = run.error === undefined && run.status === 0
  return {
    name,
    needed,
    works,
    detail: works ? run.stdout.split('\n')[0]!.trim() || command : 'not found',
    remedy: `On Debian: apt-get install ${debian}. Nothing else needs it.`,
    required: false,
  }
}
