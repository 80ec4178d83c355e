/** An error caused by the agent. Its message is a sentence for a person that names the agent and the cure. */
export class AgentFault extends Error {
  override readonly name = 'AgentFault'
}
