// wishbone_memory: 64 words behind a Wishbone B4 slave port; addresses from 64 on are answered with err.
//
// Classic (PIPELINED 0): answers the second clock of a strobe. Pipelined: takes a request per clock, but stalls every
// fourth clock, and answers in the next clock.
`default_nettype none
module wishbone_memory #(
    parameter int PIPELINED = 0
) (
    input  wire         clk,
    input  wire         wb_cyc_i,
    input  wire         wb_stb_i,
    input  wire         wb_we_i,
    input  wire  [ 7:0] wb_adr_i,
    input  wire  [31:0] wb_dat_i,
    input  wire  [ 3:0] wb_sel_i,
    output logic [31:0] wb_dat_o,
    output logic        wb_ack_o,
    output logic        wb_err_o,
    output wire         wb_stall_o
);
  logic [31:0] words[64];
  logic [1:0] turn;
  wire answered = wb_ack_o | wb_err_o;
  wire request = wb_cyc_i & wb_stb_i & (PIPELINED != 0 ? ~wb_stall_o : ~answered);

  assign wb_stall_o = PIPELINED != 0 & turn == 2'd3;

  initial begin
    turn     = 0;
    wb_ack_o = 0;
    wb_err_o = 0;
  end
  always_ff @(posedge clk) begin
    turn     <= turn + 2'd1;
    wb_ack_o <= request & ~wb_adr_i[6] & ~wb_adr_i[7];
    wb_err_o <= request & (wb_adr_i[6] | wb_adr_i[7]);
    wb_dat_o <= words[wb_adr_i[5:0]];
    if (request & wb_we_i & ~wb_adr_i[6] & ~wb_adr_i[7])
      for (int i = 0; i < 4; i++)
        if (wb_sel_i[i]) words[wb_adr_i[5:0]][8*i+:8] <= wb_dat_i[8*i+:8];
  end
endmodule
`default_nettype wire
