module adder (
    input wire clk,
    input wire [3:0] by,
    output reg [7:0] total,
    input wire s_valid,
    input wire [7:0] s_data,
    output wire s_ready,
    output reg m_valid,
    output reg [7:0] m_data,
    input wire m_ready
);
  wire [8:0] next = total + by;
  initial {total, m_valid, m_data} = 0;
  always @(posedge clk) begin
    total <= next[7:0];
    no_overflow : assert (!next[8]);
  end
  assign s_ready = !m_valid || m_ready;
  always @(posedge clk)
    if (s_ready) begin
      m_valid <= s_valid;
      m_data  <= s_data + 8'd1;
    end
endmodule
