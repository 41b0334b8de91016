# stands for jobs/master_data_merge.py in the modules' tests
