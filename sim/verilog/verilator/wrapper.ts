import type { ModelPort } from './model-ports.ts'

/** Name of the class that Verilator makes. */
export const modelClass = 'Vdesign'

/** Forced into every C++ file, so that the runtime of Verilator reports to the wrapper and not to the process. */
export const hooksHeader = `#pragma once
#include <cstdio>
int gemgate_print(const char *format, ...);
namespace std { FILE *gemgate_open(const char *name, const char *mode); }
#define VL_PRINTF gemgate_print
#define VL_USER_FINISH
#define VL_USER_STOP
#define VL_USER_FATAL
#define VL_USER_WARN
#define fopen gemgate_open
`

/** What the wrapper needs to know of a design. */
export interface WrapperInputs {
  readonly ports: readonly ModelPort[]
  /** Name of the input that `run` drives; empty for none. */
  readonly clock: string
  /** Inputs with an asynchronous effect when they are 0. */
  readonly lowResets: ReadonlySet<string>
  /** Files that the design may open, under the names that it uses. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * The C++ around a model: a C interface on a memory of 32-bit words that holds the ports. Works natively, where the
 * caller gives the memory, and as WebAssembly, where the module has it.
 */
export function wrapperSource({ ports, clock, lowResets, files }: WrapperInputs): string {
  const inputs = ports.filter(({ direction }) => direction === 'input')
  const outputs = ports.filter(({ direction }) => direction === 'output')
  const main = ports.find(({ name }) => name === clock)
  const cycle = main
    ? `count(design); model.${main.member} = 1; model.eval(); model.${main.member} = 0; model.eval();`
    : 'count(design); model.eval();'
  const resets = inputs.filter(({ name }) => lowResets.has(name))
  const level = (value: number) => resets.map(({ member }) => `model.${member} = ${value};`).join(' ')
  return `#include "${modelClass}.h"
#include "verilated.h"
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#ifdef __wasm__
#define EXPORT(name) extern "C" __attribute__((export_name(#name)))
extern "C" int __cxa_thread_atexit(void (*)(void *), void *, void *) { return 0; }
#else
#define EXPORT(name) extern "C" __attribute__((visibility("default")))
#endif

double sc_time_stamp() { return 0; }

namespace {
struct Design {
  int32_t *words;
  uint64_t cycle;
  std::string reports;
  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<${modelClass}> model;
};
struct Stopped {};
thread_local Design *running = nullptr;

void report(char kind, const char *text) {
  if (running) (running->reports += kind).append(text).push_back(0);
}
void report_place(char kind, const char *file, int line, const char *text) {
  report(kind, (std::string(file ? file : "") + ":" + std::to_string(line) + ":" + text).c_str());
}

struct File { const char *name; const char *text; size_t length; };
const File files[] = {
${[...files].map(([name, text]) => `  {${cString(name)}, ${cString(text)}, ${Buffer.byteLength(text)}},`).join('\n')}
  {nullptr, nullptr, 0}};

void load(${modelClass} &model, const int32_t *words) {
${inputs.map(loadPort).join('\n')}
}
void store(${modelClass} &model, int32_t *words) {
${outputs.map(storePort).join('\n')}
}

/** One more cycle, which is also the time. */
void count(Design *design) { design->context->time(++design->cycle); }

template <typename Work> void guarded(Design *design, Work work) {
  running = design;
#ifdef __wasm__
  work(*design->model);
#else
  try { work(*design->model); } catch (const Stopped &) {}
#endif
  design->words[0] = !design->reports.empty();
  design->words[1] = int32_t(design->cycle);
  design->words[2] = int32_t(design->cycle >> 32);
  running = nullptr;
}
}

int gemgate_print(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  std::string text(std::vsnprintf(nullptr, 0, format, arguments), 0);
  std::vsnprintf(&text[0], text.size() + 1, format, again);
  va_end(again);
  va_end(arguments);
  report('P', text.c_str());
  return text.size();
}

#undef fopen
namespace std {
FILE *gemgate_open(const char *name, const char *mode) {
  if (mode[0] == 'r')
    for (const File *file = files; file->name; file++)
      if (!strcmp(file->name, name)) return fmemopen(const_cast<char *>(file->text), file->length, "r");
  return fopen(name, mode);
}
}

void vl_finish(const char *file, int line, const char *) { report_place('E', file, line, ""); }
void vl_stop(const char *file, int line, const char *) { report_place('S', file, line, ""); }
void vl_warn(const char *file, int line, const char *, const char *text) { report_place('W', file, line, text); }
void vl_fatal(const char *file, int line, const char *, const char *text) {
  report_place('F', file, line, text);
#ifdef __wasm__
  running->words[0] = 1;
  __builtin_trap();
#else
  throw Stopped();
#endif
}

/** Power-on; needed once before anything else. */
EXPORT(gemgate_reset) void gemgate_reset(Design *design) {
  std::memset(design->words, 0, ${4 * totalWords(ports)});
  design->reports.clear();
  design->cycle = 0;
  design->model.reset();
  design->context.reset(new VerilatedContext);
  design->context->threads(1);
  design->model.reset(new ${modelClass}(design->context.get(), "TOP"));
  guarded(design, [&](${modelClass} &model) {
    // the edge that lets resets which are active at power-on act
    ${level(1)}
    model.eval();
    ${level(0)}
    model.eval();
    store(model, design->words);
  });
}
EXPORT(gemgate_create) Design *gemgate_create(int32_t *words) {
  return new Design{words, 0, {}, {}, {}};
}
EXPORT(gemgate_run) uint32_t gemgate_run(Design *design, uint32_t cycles) {
  uint32_t done = 0;
  guarded(design, [&](${modelClass} &model) {
    load(model, design->words);
    while (done < cycles) {
      done++;
      ${cycle}
      if (!design->reports.empty()) break;
    }
    store(model, design->words);
    ${main ? `design->words[${main.word}] = 0;` : ''}
  });
  return done;
}
EXPORT(gemgate_settle) void gemgate_settle(Design *design) {
  guarded(design, [&](${modelClass} &model) {
    ${main ? `if (!model.${main.member} && design->words[${main.word}] & 1) count(design);` : ''}
    load(model, design->words);
    model.eval();
    store(model, design->words);
  });
}
EXPORT(gemgate_reports) uint32_t gemgate_reports(Design *design, char *buffer, uint32_t size) {
  const size_t taken = std::min<size_t>(size, design->reports.size());
  std::memcpy(buffer, design->reports.data(), taken);
  design->reports.erase(0, taken);
  design->words[0] = !design->reports.empty();
  return taken;
}
EXPORT(gemgate_destroy) void gemgate_destroy(Design *design) {
  delete design;
}
#ifdef __wasm__
EXPORT(gemgate_allocate) void *gemgate_allocate(uint32_t bytes) { return std::calloc(bytes, 1); }
#endif
`
}

/** Words that the ports and what stands before them take. */
export function totalWords(ports: readonly ModelPort[]): number {
  return Math.max(16, ...ports.map(({ word, width }) => word + Math.ceil(width / 32)))
}

const mask = (width: number) => `0x${(2n ** BigInt(width) - 1n).toString(16)}ULL`

function loadPort({ member, word, width }: ModelPort): string {
  const part = (at: number) => `uint32_t(words[${word + at}])`
  if (width <= 32) return `  model.${member} = ${part(0)} & ${mask(width)};`
  if (width <= 64) return `  model.${member} = (uint64_t(${part(1)}) << 32 | ${part(0)}) & ${mask(width)};`
  const count = Math.ceil(width / 32)
  const masked = (at: number) => (at === count - 1 ? ` & ${mask(width - 32 * at)}` : '')
  return Array.from({ length: count }, (_, i) => `  model.${member}[${i}] = ${part(i)}${masked(i)};`).join(
    '\n',
  )
}

function storePort({ member, word, width }: ModelPort): string {
  if (width <= 32) return `  words[${word}] = model.${member};`
  if (width <= 64)
    return `  words[${word}] = uint32_t(model.${member}); words[${word + 1}] = model.${member} >> 32;`
  return `  for (int i = 0; i < ${Math.ceil(width / 32)}; i++) words[${word} + i] = model.${member}[i];`
}

function cString(text: string): string {
  let literal = ''
  for (const byte of Buffer.from(text))
    literal +=
      byte === 10
        ? '\\n"\n"'
        : byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 && byte !== 63
          ? String.fromCharCode(byte)
          : `\\${byte.toString(8).padStart(3, '0')}`
  return `"${literal}"`
}
