export const handler = async () => 'module'; export default { other: async () => 'default' };
