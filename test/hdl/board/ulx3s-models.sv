// Model of the PLL of ulx3s_85f_top for Icarus Verilog, and a bench: levels of words.hex to the serial line, one per
// clock of the logic, and the levels that come back.
`timescale 1ns / 1ps
module EHXPLLL #(
    parameter CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 1, CLKOP_CPHASE = 0,
    parameter FEEDBK_PATH = ""
) (
    input CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC, ENCLKOP,
    output CLKOP, LOCK
);
  reg clock = 0, locked = 0;
  wire still = RST | STDBY | PHASESEL0 | PHASESEL1 | PHASEDIR | PHASESTEP | PHASELOADREG | PLLWAKESYNC | ~ENCLKOP;
  always #16 if (CLKI !== 1'bx) clock = ~clock;
  initial #5000 locked = 1;
  assign CLKOP = clock & ~still;
  assign LOCK = locked & CLKFB !== 1'bz;
endmodule

module bench;
  reg clock = 0, rx = 1;
  wire tx, led_heartbeat, led_link;
  reg levels[0:16383];
  integer i;
  always #20 clock = ~clock;
  ulx3s_85f_top #(
      .BUILD(64'h123456789abcdef0),
      .SCHEMA(32'h89abcdef)
  ) top (
      .clk(clock),
      .uart_rx(rx),
      .uart_tx(tx),
      .led_heartbeat(led_heartbeat),
      .led_link(led_link)
  );
  initial begin
    $readmemb("words.hex", levels);
    repeat (3000) @(negedge top.clk_30);
    for (i = 0; levels[i] !== 1'bx || i < 12000; i = i + 1) begin
      rx = levels[i] !== 1'b0;
      @(negedge top.clk_30);
      $display("T %b", tx);
    end
    $display("L %b", led_link);
    $finish;
  end
endmodule
