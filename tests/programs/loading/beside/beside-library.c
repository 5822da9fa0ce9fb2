/* Found by the DT_RUNPATH of another library alone. */
int beside;
