// records_tx: frames to records of a DMA channel (64-bit AXI4-Stream); see docs/link.md.
//
// One byte per clock, one more clock per frame. tkeep is all ones: the padding belongs to the record.
`default_nettype none
module records_tx (
    input  wire         clk,
    input  wire         rst,
    input  wire         s_valid,
    output wire         s_ready,
    input  wire  [ 7:0] s_data,
    input  wire         s_last,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [63:0] m_axis_tdata,
    output wire  [ 7:0] m_axis_tkeep,
    output wire         m_axis_tlast
);
  // `full`: `beat` is complete; `opening`: it is the first of a frame, and magic and length go before it.
  logic [63:0] beat;
  logic [2:0] lane;
  logic full, opening, announced, last;
  wire announce = opening & ~announced;
  wire leave = full & ~announce & m_axis_tready;
  wire take = s_valid & s_ready;
  // The frame's own field of length, and what is around the payload.
  wire [31:0] length = {16'd0, beat[47:32]} + 32'd12;

  assign s_ready = ~full | leave;
  assign m_axis_tvalid = full;
  assign m_axis_tdata = announce ? {length, 32'h4C494E4B} : beat;
  assign m_axis_tkeep = '1;
  assign m_axis_tlast = ~announce & last;

  always_ff @(posedge clk) begin
    if (take) begin
      if (lane == 0) beat <= {56'd0, s_data};
      else beat[8*lane+:8] <= s_data;
      last <= s_last;
    end
    if (rst) begin
      full <= 1'b0;
      opening <= 1'b1;
      announced <= 1'b0;
      lane <= 3'd0;
    end else begin
      full <= take ? s_last | (&lane) : full & ~leave;
      if (take) lane <= s_last ? 3'd0 : lane + 1'b1;
      if (full & announce & m_axis_tready) announced <= 1'b1;
      if (leave) begin
        opening   <= last;
        announced <= 1'b0;
      end
    end
  end
endmodule
`default_nettype wire
