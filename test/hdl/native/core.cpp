// Drives gemgate_core in native Verilator from a stimulus file; see stimulus.ts for the format.
//   core STIMULUS RESPONSE
// Prints the clocks on standard output and the seconds they took on standard error. The state at power-on is
// random (without -x-initial options), so nothing may depend on it; the response holds every word of m_axis.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include "Vgemgate_core.h"

static Vgemgate_core *core;
static std::vector<uint32_t> response;
static bool packet_ended = false;  // m_axis_tlast was taken in this clock
static uint64_t cycles = 0;
static uint32_t noise = 1;
static uint32_t pause_input = 0, pause_output = 0;  // of 256

static uint32_t next_noise() {
  noise ^= noise << 13;
  noise ^= noise >> 17;
  noise ^= noise << 5;
  return noise & 255;
}

static void tick() {
  core->m_axis_tready = next_noise() >= pause_output;
  core->clk = 0;
  core->eval();
  packet_ended = false;
  if (core->m_axis_tvalid && core->m_axis_tready) {
    response.push_back(core->m_axis_tdata);
    packet_ended = core->m_axis_tlast;
  }
  core->clk = 1;
  core->eval();
  cycles++;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return 2;
  std::vector<uint32_t> in;
  uint32_t word;
  while (fread(&word, 4, 1, file) == 1) in.push_back(word);
  fclose(file);
  Verilated::randReset(2);
  Verilated::randSeed(1);
  core = new Vgemgate_core;
  core->s_axis_tvalid = core->reg_write = core->reg_read = 0;  // inputs are random at first, too
  core->rst = 1;
  for (int i = 0; i < 4; i++) tick();
  core->rst = 0;
  response.clear();
  auto start = std::chrono::steady_clock::now();
  for (size_t at = 0; at < in.size();) {
    uint32_t command = in[at++];
    if (command == 1) {  // register write: address, value
      core->reg_write = 1;
      core->reg_address = in[at++];
      core->reg_write_data = in[at++];
      tick();
      core->reg_write = 0;
      tick();
    } else if (command == 2) {  // frame: n, then n x (pedestal word, pixel); waits for the packet's end
      uint32_t n = in[at++];
      uint64_t stalled = 0;
      bool valid = false;  // once valid, a pixel stays until it is taken
      for (uint32_t i = 0; i < n;) {
        if (++stalled > 2000000) {
          fprintf(stderr, "no pixel taken for 2000000 clocks\n");
          return 4;
        }
        valid = valid || next_noise() >= pause_input;
        core->s_axis_tvalid = valid;
        core->s_axis_tdata = valid ? uint64_t(in[at + 2 * i]) << 16 | in[at + 2 * i + 1] : 0x5a5a5a5a5a5aull;
        bool taken = valid && core->s_axis_tready;
        tick();
        if (packet_ended) {
          fprintf(stderr, "a packet ended before its frame\n");
          return 5;
        }
        if (taken) {
          i++;
          stalled = 0;
          valid = false;
        }
      }
      core->s_axis_tvalid = 0;
      at += 2 * n;
      for (uint32_t quiet = 0; !packet_ended; quiet++) {
        if (quiet > 2000000) {
          fprintf(stderr, "no packet within 2000000 clocks\n");
          return 6;
        }
        tick();
      }
    } else if (command == 3) {  // pauses: input, output, seed
      pause_input = in[at++];
      pause_output = in[at++];
      noise = in[at++] | 1;
    } else {
      return 3;
    }
  }
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  FILE *out = fopen(argv[2], "wb");
  if (!out) return 2;
  fwrite(response.data(), 4, response.size(), out);
  fclose(out);
  printf("%llu\n", (unsigned long long)cycles);
  fprintf(stderr, "%.6f\n", seconds);
  delete core;
  return 0;
}
