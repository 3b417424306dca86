// Runs a verilated benchmark design. Each line of standard input is a number of clocks; the answer is the seconds that
// they took and the signature after them.
#include <chrono>
#include <cstdio>
#include "Vbench.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

int main() {
  VerilatedContext context;
  Vbench *top = new Vbench(&context);
  top->clk = 0;
  top->eval();
  unsigned long cycles;
  while (std::scanf("%lu", &cycles) == 1) {
    const auto start = std::chrono::steady_clock::now();
    for (unsigned long i = 0; i < cycles; i++) {
      top->clk = 1;
      top->eval();
      top->clk = 0;
      top->eval();
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("%.9f %u\n", taken.count(), static_cast<unsigned>(top->state));
    std::fflush(stdout);
  }
  delete top;
  return 0;
}
